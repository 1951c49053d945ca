"""The register of administrative areas."""

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.work import Work
from contracts.area import AreaLevel, AreaScope
from services.households.store.sets import lies_within
from services.households.tables import area


class AreaRow(NamedTuple):
    """One area as it is registered."""

    code: str
    name: str
    level: AreaLevel
    parent_code: str | None


def areas(work: Work, *, within: AreaScope, after: str = "", limit: int | None = None) -> list[AreaRow]:
    """The areas within, by code, from the one after `after` on."""
    rows = work.connection.execute(
        sa.select(area.c.area_code, area.c.name, area.c.level, area.c.parent_code)
        .where(lies_within(area, within), area.c.area_code > after)
        .order_by(area.c.area_code)
        .limit(limit)
    )
    return [AreaRow(row.area_code, row.name, AreaLevel(row.level), row.parent_code) for row in rows]


def add_areas(work: Work, new: Sequence[AreaRow], *, within: AreaScope) -> list[AreaRow]:
    """Register areas; those that somebody else registered in the meantime are left out of the answer."""
    rows = [
        {"area_code": row.code, "name": row.name, "level": row.level, "parent_code": row.parent_code}
        for row in new
        if within.covers(row.code)
    ]
    if not rows:
        return []
    added = set(work.connection.scalars(insert(area).on_conflict_do_nothing().returning(area.c.area_code), rows))
    return [row for row in new if row.code in added]
