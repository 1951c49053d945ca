"""Rounds of proposals: each solve that was asked for, and what came of it."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa

from chassis.database import ConcurrentChange
from chassis.work import Work
from contracts.area import AreaScope
from contracts.codes import JobState
from services.pairing.store.ranges import Row, lies_in
from services.pairing.tables import match_round


def add_round(work: Work, round_id: UUID, kind: str, opened_on: date, *, within: AreaScope) -> None:
    """A round begins for all of an area."""
    work.connection.execute(
        sa.insert(match_round).values(
            id=round_id, area_code=within.code, kind=kind, state=JobState.QUEUED, opened_on=opened_on
        )
    )


def find_round(work: Work, round_id: UUID, *, within: AreaScope) -> Row | None:
    """The round as it stands; None if there is none within."""
    asked = sa.select(match_round).where(match_round.c.id == round_id, lies_in(match_round, within=within))
    return work.connection.execute(asked).first()


def change_round(work: Work, found: Row, *, within: AreaScope, **values: object) -> None:
    """Note where the round stands now; ConcurrentChange if it has moved on since it was read."""
    done = work.connection.execute(
        sa.update(match_round)
        .where(
            match_round.c.id == found.id,
            match_round.c.version == found.version,
            lies_in(match_round, within=within),
        )
        .values(version=match_round.c.version + 1, **values)
    )
    if done.rowcount != 1:
        raise ConcurrentChange("match_round")
