"""The helper register."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.database import ConcurrentChange
from chassis.work import Work
from contracts.area import AreaScope
from contracts.codes import HelperKindCode, LeaveReason
from services.pairing.model import Helper
from services.pairing.store.ranges import Row, lies_in, one_of
from services.pairing.tables import helper, helper_key

CHUNK = 1000
WHO = tuple(column for column in helper.c if not column.name.startswith("sealed_"))


@dataclass(frozen=True, slots=True)
class Registered:
    """A helper of the register with what only the database needs to know."""

    helper: Helper
    version: int
    leaves_on: date | None
    leave_reason: LeaveReason | None


def _registered(row: Row) -> Registered:
    who = Helper(
        id=row.id,
        number=row.number,
        kind=HelperKindCode(row.kind),
        village_code=row.area_code,
        capacity=row.capacity,
        cleared_on=row.cleared_on,
        active=row.active,
        unit=row.unit,
        successor_number=row.successor_number,
    )
    return Registered(who, row.version, row.leaves_on, LeaveReason(row.leave_reason) if row.leave_reason else None)


def add_helpers(work: Work, rows: Sequence[dict[str, Any]], *, within: AreaScope) -> frozenset[UUID]:
    """Register who is new, by number and by person; the ids of those. Who is known already stays as they are."""
    if not all(within.covers(row["area_code"]) for row in rows):
        raise ValueError("helper-outside")
    added: set[UUID] = set()
    statement = insert(helper).on_conflict_do_nothing().returning(helper.c.id)
    for start in range(0, len(rows), CHUNK):
        added |= set(work.connection.scalars(statement, list(rows[start : start + CHUNK])))
    return frozenset(added)


def add_keys(work: Work, rows: Sequence[dict[str, Any]], *, within: AreaScope) -> None:
    """Keep the keys of new helpers."""
    if not all(within.covers(row["area_code"]) for row in rows):
        raise ValueError("helper-outside")
    for start in range(0, len(rows), CHUNK):
        work.connection.execute(sa.insert(helper_key), list(rows[start : start + CHUNK]))


def find_helper(work: Work, helper_id: UUID, *, within: AreaScope) -> Registered | None:
    """The helper, or None if there is none within."""
    row = work.connection.execute(
        sa.select(*WHO).where(helper.c.id == helper_id, lies_in(helper, within=within))
    ).first()
    return _registered(row) if row else None


def lock_helpers(work: Work, ids: Collection[UUID], *, within: AreaScope) -> dict[UUID, Registered]:
    """These helpers by id, locked in order of ids until the transaction ends."""
    rows = work.connection.execute(
        sa.select(*WHO).where(one_of(helper.c.id, ids, within=within)).order_by(helper.c.id).with_for_update()
    )
    return {row.id: _registered(row) for row in rows}


def helpers_in(work: Work, *, within: AreaScope) -> tuple[Registered, ...]:
    """All helpers of an area by number, also those who left: they name successors."""
    rows = work.connection.execute(sa.select(*WHO).where(lies_in(helper, within=within)).order_by(helper.c.number))
    return tuple(_registered(row) for row in rows)


def helper_page(work: Work, after: str | None, limit: int, *, within: AreaScope) -> tuple[Registered, ...]:
    """Up to `limit` helpers by number, those after `after`."""
    asked = sa.select(*WHO).where(lies_in(helper, within=within)).order_by(helper.c.number).limit(limit)
    if after is not None:
        asked = asked.where(helper.c.number > after)
    return tuple(_registered(row) for row in work.connection.execute(asked))


def contact_of(work: Work, helper_id: UUID, *, within: AreaScope) -> Row | None:
    """The sealed phone with its key; the key's columns are null once it was destroyed."""
    asked: sa.Select[Any] = (
        sa.select(
            helper.c.id,
            helper.c.active,
            helper.c.key_id,
            helper.c.sealed_phone,
            helper_key.c.wrapped,
            helper_key.c.wrapping_version,
        )
        .select_from(helper.outerjoin(helper_key, helper_key.c.id == helper.c.key_id))
        .where(helper.c.id == helper_id, lies_in(helper, within=within))
    )
    return work.connection.execute(asked).first()


def leaving_by(work: Work, day: date, *, within: AreaScope) -> tuple[UUID, ...]:
    """Helpers whose announced day has come, by number."""
    asked = (
        sa.select(helper.c.id)
        .where(helper.c.active, helper.c.leaves_on <= day, lies_in(helper, within=within))
        .order_by(helper.c.number)
    )
    return tuple(work.connection.scalars(asked))


def change_helper(work: Work, known: Registered, *, within: AreaScope, **values: object) -> None:
    """Note what became of the helper; ConcurrentChange if the row has moved on since it was read."""
    done = work.connection.execute(
        sa.update(helper)
        .where(helper.c.id == known.helper.id, helper.c.version == known.version, lies_in(helper, within=within))
        .values(version=helper.c.version + 1, **values)
    )
    if done.rowcount != 1:
        raise ConcurrentChange("helper")
