"""Who stands by a household."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.work import Work
from contracts.area import AreaScope
from services.households.store.sets import lies_within
from services.households.tables import pair


def add_pair(
    work: Work, match_id: UUID, helper_id: UUID, household: sa.Row[Any], started_on: date, *, within: AreaScope
) -> None:
    """A pair stands."""
    row = {
        "match_id": match_id,
        "helper_id": helper_id,
        "household_id": household.id,
        "area_code": household.area_code,
        "started_on": started_on,
    }
    if within.covers(household.area_code):
        work.connection.execute(insert(pair).on_conflict_do_nothing(), row)


def end_pair(work: Work, match_id: UUID, ended_on: date, *, within: AreaScope) -> None:
    """A pair is over."""
    work.connection.execute(
        sa.update(pair).where(pair.c.match_id == match_id, lies_within(pair, within)).values(ended_on=ended_on)
    )


def standing_pairs(work: Work, household_id: UUID, *, within: AreaScope) -> list[sa.Row[Any]]:
    """The pairs of a household that are not over, the newest first."""
    return list(
        work.connection.execute(
            sa.select(pair)
            .where(pair.c.household_id == household_id, pair.c.ended_on.is_(None), lies_within(pair, within))
            .order_by(pair.c.started_on.desc(), pair.c.match_id.desc())
        )
    )
