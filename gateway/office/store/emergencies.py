"""All SQL about break-glass. Row security holds every statement to the transaction's area, which is the holder's."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.area import AreaScope
from gateway.office.tables import account, emergency

KEY = "emergency"
"""The use of the key that seals what happened and what a review found, in words."""

over_at = sa.func.coalesce(emergency.c.ended_at, emergency.c.until)


@dataclass(frozen=True)
class Opened:
    """An emergency as it begins."""

    id: UUID
    account_id: str
    people: tuple[str, ...]
    rank: int
    area_code: str
    opened_area: str
    reason: str
    sealed_account: bytes
    began_at: datetime
    until: datetime


@dataclass(frozen=True)
class Emergency(Opened):
    """One of them, and where it and its review stand."""

    ended_at: datetime | None
    finding: str | None
    reviewed_by: str | None
    reviewed_at: datetime | None
    sealed_review: bytes | None

    @property
    def over_at(self) -> datetime:
        """When it was or will be over."""
        return self.ended_at or self.until

    def is_open(self, now: datetime) -> bool:
        """Whether it opens anything now."""
        return now < self.over_at


@dataclass(frozen=True)
class Review:
    """What somebody else found."""

    finding: str
    by: str
    at: datetime
    sealed: bytes


@dataclass(frozen=True)
class Count:
    """How many are open, and how many nobody reviewed in time."""

    open: int
    overdue: int


@dataclass(frozen=True)
class Asking:
    """Which of them are asked for: those of `account_id`, and those of holders below `below`; of one state, or all."""

    account_id: str
    below: int
    state: str | None
    after: UUID | None
    limit: int


COLUMNS = [emergency.c[name] for name in Emergency.__dataclass_fields__]


def place(column: str, emergency_id: UUID) -> str:
    """What a sealed column is bound to: it opens in no other row or column."""
    return f"emergency.{column}.{emergency_id}"


def begin(connection: sa.Connection, one: Opened) -> bool:
    """It begins; False if another of the very same people is open. Its account is held, so that two at once are one after the other."""
    connection.execute(sa.select(account.c.id).where(account.c.id == UUID(one.account_id)).with_for_update())
    if open_of(connection, one.account_id, one.people, one.began_at) is not None:
        return False
    connection.execute(sa.insert(emergency).values(**{**vars(one), "people": list(one.people)}))
    return True


def open_of(connection: sa.Connection, account_id: str, people: Collection[str], now: datetime) -> Emergency | None:
    """The emergency that this account opened as these people, no more and no fewer, and that is open now."""
    asked = sa.select(*COLUMNS).where(
        emergency.c.account_id == account_id,
        emergency.c.people == sorted(people),
        emergency.c.until > now,
        emergency.c.ended_at.is_(None),
    )
    row = connection.execute(asked.limit(1)).first()
    return _read(row) if row else None


def is_overdue(connection: sa.Connection, account_id: str, now: datetime, review_from: datetime) -> bool:
    """Whether one that this account opened was not reviewed in time."""
    overdue = _stands(now, review_from)["overdue"]
    return bool(connection.scalar(sa.select(sa.exists().where(emergency.c.account_id == account_id, overdue))))


def find(connection: sa.Connection, emergency_id: UUID, *, within: AreaScope) -> Emergency | None:
    """One of them, held until the end of the transaction, so that two reviews come one after the other."""
    asked = sa.select(*COLUMNS).where(emergency.c.id == emergency_id, *_inside(within)).with_for_update()
    row = connection.execute(asked).first()
    return _read(row) if row else None


def page(
    connection: sa.Connection, wanted: Asking, now: datetime, review_from: datetime, *, within: AreaScope
) -> Sequence[Emergency]:
    """Those that somebody may see, in the order they began. What was over before `review_from` is overdue."""
    theirs = (emergency.c.account_id == wanted.account_id) | (emergency.c.rank < wanted.below)
    asked = sa.select(*COLUMNS).where(theirs, *_inside(within)).order_by(emergency.c.id).limit(wanted.limit)
    if wanted.after is not None:
        asked = asked.where(emergency.c.id > wanted.after)
    if wanted.state is not None:
        asked = asked.where(_stands(now, review_from)[wanted.state])
    return [_read(row) for row in connection.execute(asked)]


def end(connection: sa.Connection, emergency_id: UUID, by: str, now: datetime) -> None:
    """It is over before its time."""
    ended = sa.update(emergency).where(emergency.c.id == emergency_id, emergency.c.ended_at.is_(None))
    connection.execute(ended.values(ended_at=now, ended_by=by))


def review(connection: sa.Connection, emergency_id: UUID, found: Review) -> None:
    """Somebody else looked at it."""
    connection.execute(
        sa.update(emergency)
        .where(emergency.c.id == emergency_id, emergency.c.finding.is_(None))
        .values(finding=found.finding, reviewed_by=found.by, reviewed_at=found.at, sealed_review=found.sealed)
    )


def count(connection: sa.Connection, now: datetime, review_from: datetime) -> Count:
    """How many are open now, and how many are overdue."""
    stands = _stands(now, review_from)
    asked = sa.select(*(sa.func.count().filter(stands[state]) for state in ("open", "overdue")))
    row = connection.execute(asked.where(emergency.c.finding.is_(None))).one()
    return Count(row[0], row[1])


def _stands(now: datetime, review_from: datetime) -> dict[str, sa.ColumnElement[bool]]:
    """State -> what is so of its rows."""
    waits = emergency.c.finding.is_(None)
    return {
        "open": over_at > now,
        "over": waits & (over_at <= now) & (over_at > review_from),
        "overdue": waits & (over_at <= review_from),
        "reviewed": emergency.c.finding.is_not(None),
    }


def _inside(within: AreaScope) -> tuple[sa.ColumnElement[bool], ...]:
    return emergency.c.area_code >= within.code, emergency.c.area_code < within.upper


def _read(row: sa.Row[Any]) -> Emergency:
    found = dict(row._mapping)
    return Emergency(**{**found, "people": tuple(found["people"])})
