"""Households: their rows, numbers, history and who stands by them."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.ids import new_id
from chassis.work import Work
from contracts.area import AreaScope
from services.households.store.sets import Rows, insert_rows, lies_within, update_rows
from services.households.tables import case_history, household, need, survey_answer

HOLD_REGISTRATION = sa.text(
    "select pg_advisory_xact_lock(hashtextextended('households.registration:' || :county, 0))"
)


def hold_registration(work: Work, *, within: AreaScope) -> None:
    """Until this transaction ends nobody else in the county registers households: none comes in twice."""
    work.connection.execute(HOLD_REGISTRATION, {"county": within.code[:6]})


def find_household(work: Work, household_id: UUID, *, within: AreaScope, hold: bool = False) -> sa.Row[Any] | None:
    """One household, locked if `hold`; None if there is none within."""
    found = sa.select(household).where(household.c.id == household_id, lies_within(household, within))
    return work.connection.execute(found.with_for_update() if hold else found).first()


def households_by_id(work: Work, ids: Sequence[UUID], *, within: AreaScope) -> dict[UUID, sa.Row[Any]]:
    """Households by id, locked in the order of their ids."""
    if not ids:
        return {}
    rows = work.connection.execute(
        sa.select(household)
        .where(household.c.id == sa.any_(sa.cast(list(ids), sa.ARRAY(sa.Uuid))), lies_within(household, within))
        .order_by(household.c.id)
        .with_for_update()
    )
    return {row.id: row for row in rows}


def list_households(
    work: Work, *, within: AreaScope, number: str | None, after: str, limit: int
) -> list[sa.Row[Any]]:
    """Households by number, from the one after `after` on."""
    listed = (
        sa.select(household)
        .where(lies_within(household, within), household.c.number > after)
        .order_by(household.c.number)
        .limit(limit)
    )
    if number is not None:
        listed = listed.where(household.c.number == number)
    return list(work.connection.execute(listed))


def due_households(work: Work, today: date, limit: int, *, within: AreaScope) -> list[sa.Row[Any]]:
    """Households whose categories change by today, locked; those that somebody else holds are left for later."""
    return list(
        work.connection.execute(
            sa.select(household)
            .where(household.c.next_change_on <= today, lies_within(household, within))
            .order_by(household.c.next_change_on, household.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


def last_sequences(work: Work, *, within: AreaScope) -> dict[str, int]:
    """The highest household number given out so far, per village."""
    rows = work.connection.execute(
        sa.select(household.c.area_code, sa.func.max(household.c.sequence).label("last"))
        .where(lies_within(household, within))
        .group_by(household.c.area_code)
    )
    return {row.area_code: row.last for row in rows}


def add_households(work: Work, rows: Rows, *, within: AreaScope) -> None:
    """Enrol households."""
    insert_rows(work, household, rows, within=within)


def change_households(work: Work, rows: Rows, *, within: AreaScope) -> None:
    """Change households by id and version; ConcurrentChange if one has moved on."""
    update_rows(work, household, rows, within=within)


def add_survey_answers(work: Work, rows: Rows, *, within: AreaScope) -> None:
    """Note that households were asked; a round asked again takes the later answer."""
    if not rows:
        return
    new = insert(survey_answer)
    taken = {
        name: new.excluded[name] for name in ("surveyed_on", "declined", "archive_complete", "missing", "import_id")
    }
    work.connection.execute(
        new.on_conflict_do_update(index_elements=["household_id", "round_year"], set_=taken), _all(rows, within)
    )


def add_history(work: Work, entries: Sequence[tuple[UUID, str, str]], *, within: AreaScope) -> None:
    """Lines of case files: (household, its area, what happened) by whoever acts."""
    rows = [
        {
            "id": new_id(),
            "household_id": household_id,
            "area_code": area_code,
            "at": work.now,
            "what": what,
            "actor_id": work.actor.id,
        }
        for household_id, area_code, what in entries
    ]
    insert_rows(work, case_history, rows, within=within)


def history(work: Work, household_id: UUID, *, within: AreaScope) -> list[sa.Row[Any]]:
    """The lines of a case file, oldest first."""
    return list(
        work.connection.execute(
            sa.select(case_history)
            .where(case_history.c.household_id == household_id, lies_within(case_history, within))
            .order_by(case_history.c.at, case_history.c.id)
        )
    )


def add_needs(work: Work, rows: Rows, *, within: AreaScope) -> None:
    """Open needs; one that the family has said before stays as it is."""
    if rows:
        work.connection.execute(insert(need).on_conflict_do_nothing(), _all(rows, within))


def _all(rows: Rows, within: AreaScope) -> Rows:
    return [row for row in rows if within.covers(row["area_code"])]
