"""Persons with their keys: what is sealed leaves and enters here sealed."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from chassis.work import Work
from contracts.area import AreaScope
from services.households.store.sets import Rows, insert_rows, lies_within, update_rows
from services.households.tables import SEALED, person, person_history, person_key


class Registered(NamedTuple):
    """Where somebody with a known identity number is listed."""

    household_id: UUID
    area_code: str


def registered(work: Work, indexes: Sequence[bytes], *, within: AreaScope) -> dict[bytes, Registered]:
    """Who of these numbers is a member of a household now, by the number's blind index."""
    rows = work.connection.execute(
        sa.select(person.c.id_number_index, person.c.household_id, person.c.area_code).where(
            person.c.id_number_index == sa.any_(sa.cast(list(indexes), sa.ARRAY(sa.LargeBinary))),
            person.c.left_on.is_(None),
            lies_within(person, within),
        )
    )
    return {bytes(row.id_number_index): Registered(row.household_id, row.area_code) for row in rows}


def members(work: Work, household_ids: Iterable[UUID], *, within: AreaScope) -> list[sa.Row[Any]]:
    """The present members of households, each with the key that opens them, in order."""
    rows = work.connection.execute(
        sa.select(person, person_key.c.wrapped, person_key.c.wrapping_version)
        .join(person_key, person_key.c.id == person.c.key_id)
        .where(
            person.c.household_id == sa.any_(sa.cast(list(household_ids), sa.ARRAY(sa.Uuid))),
            person.c.left_on.is_(None),
            lies_within(person, within),
        )
        .order_by(person.c.household_id, person.c.ordinal)
    )
    return list(rows)


def add_persons(work: Work, keys: Rows, persons: Rows, *, within: AreaScope) -> None:
    """List new members, each with a key of their own."""
    insert_rows(work, person_key, keys, within=within)
    insert_rows(work, person, persons, within=within)


def change_persons(work: Work, rows: Rows, *, within: AreaScope) -> None:
    """Change members; what was known before is kept, as sealed as it was. Their household is held by the caller."""
    keep_before(work, [row["id"] for row in rows], within=within)
    update_rows(work, person, rows, within=within)


def keep_before(work: Work, ids: Sequence[UUID], *, within: AreaScope) -> None:
    """Copy the rows of persons into their history, in the name of whoever acts."""
    kept = ("area_code", "relation", "sex", *SEALED)
    before = sa.select(
        person.c.id, sa.literal(work.now), sa.literal(work.actor.id), *(person.c[name] for name in kept)
    ).where(person.c.id == sa.any_(sa.cast(list(ids), sa.ARRAY(sa.Uuid))), lies_within(person, within))
    work.connection.execute(
        sa.insert(person_history).from_select(["person_id", "until", "actor_id", *kept], before)
    )


def let_go(work: Work, ids: Sequence[UUID], on: date, *, within: AreaScope) -> None:
    """These persons are no longer members; their rows stay with the file."""
    work.connection.execute(
        sa.update(person)
        .where(person.c.id == sa.any_(sa.cast(list(ids), sa.ARRAY(sa.Uuid))), lies_within(person, within))
        .values(left_on=on)
    )
