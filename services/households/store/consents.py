"""Consents as they stand, and everything that was ever said about them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.database import ConcurrentChange
from chassis.work import Work
from contracts.area import AreaScope
from services.households.store.sets import Rows, insert_rows, lies_within
from services.households.tables import consent, consent_history

STANDING = (
    "id",
    "version",
    "answer",
    "answered_on",
    "withdrawn_on",
    "given_by",
    "guardian_verified",
    "covers_children",
    "said_in",
)


def consents(work: Work, household_ids: Iterable[UUID], *, within: AreaScope) -> list[sa.Row[Any]]:
    """The answers of households as they stand, by purpose."""
    return list(
        work.connection.execute(
            sa.select(consent)
            .where(
                consent.c.household_id == sa.any_(sa.cast(list(household_ids), sa.ARRAY(sa.Uuid))),
                lies_within(consent, within),
            )
            .order_by(consent.c.household_id, consent.c.purpose)
        )
    )


def set_consents(work: Work, rows: Rows, *, within: AreaScope) -> None:
    """Let these answers stand; each row's version follows the one that was read, else ConcurrentChange."""
    covered = [row for row in rows if within.covers(row["area_code"])]
    if not covered:
        return
    new = insert(consent)
    done = work.connection.scalars(
        new.on_conflict_do_update(
            index_elements=["household_id", "purpose"],
            set_={name: new.excluded[name] for name in STANDING},
            where=consent.c.version == new.excluded.version - 1,
        ).returning(consent.c.household_id),
        covered,
    )
    if len(done.all()) != len(covered):
        raise ConcurrentChange(consent.name)


def add_consent_history(work: Work, rows: Rows, *, within: AreaScope) -> None:
    """Keep what was said, by whom and when, whether it counts or came too late to count."""
    said = {"at": work.now, "actor_id": work.actor.id}
    insert_rows(work, consent_history, [{**row, **said} for row in rows], within=within)
