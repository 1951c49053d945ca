"""All SQL about commands that wait for a second person. Row security holds every statement to the transaction's area."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from contracts.area import AreaScope
from gateway.office.tables import approval

KEPT_FOR = timedelta(days=400)
KEY = "approval"
"""The use of the key that seals what waits, what may be shown of it, and what was said about it."""

WAITING, APPROVED = "waiting", "approved"


@dataclass(frozen=True)
class Asked:
    """A command as it is kept."""

    id: UUID
    command: str
    actor_id: str
    people: tuple[str, ...]
    area_code: str
    second_roles: tuple[str, ...]
    idempotency_key: str
    body_digest: bytes
    sealed: bytes | None
    sealed_says: bytes
    created_at: datetime
    until: datetime


@dataclass(frozen=True)
class Approval(Asked):
    """One of them, and where it stands."""

    state: str
    attempts: int
    decided_by: str | None
    decided_at: datetime | None
    sealed_because: bytes | None
    decision_id: UUID | None
    answer: dict[str, Any] | None
    refusal: dict[str, Any] | None

    def awaits(self, now: datetime) -> bool:
        """Whether somebody may still agree."""
        return self.state == WAITING and now < self.until


@dataclass(frozen=True)
class Decision:
    """What somebody else said."""

    by: str
    at: datetime
    sealed_because: bytes


@dataclass(frozen=True)
class End:
    """What came of it."""

    state: str
    at: datetime
    decision_id: UUID | None = None
    answer: dict[str, Any] | None = None
    refusal: dict[str, Any] | None = None


def place(column: str, approval_id: UUID) -> str:
    """What a sealed column is bound to: it opens in no other row or column."""
    return f"approval.{column}.{approval_id}"


COLUMNS = [approval.c[name] for name in Approval.__dataclass_fields__]


def keep(connection: sa.Connection, one: Asked) -> Approval:
    """Put it down, once per actor and idempotency key; what stands there under that key."""
    values = {**vars(one), "people": list(one.people), "second_roles": list(one.second_roles), "state": WAITING}
    connection.execute(insert(approval).values(**values).on_conflict_do_nothing())
    mine = approval.c.actor_id == one.actor_id, approval.c.idempotency_key == one.idempotency_key
    return _read(connection.execute(sa.select(*COLUMNS).where(*mine)).one())


def find(connection: sa.Connection, approval_id: UUID, *, within: AreaScope) -> Approval | None:
    """One of them, held until the end of the transaction, so that two who decide do it one after the other."""
    asked = sa.select(*COLUMNS).where(approval.c.id == approval_id, *_inside(within)).with_for_update()
    row = connection.execute(asked).first()
    return _read(row) if row else None


@dataclass(frozen=True)
class Asking:
    """Which of them are asked for: those of `actor_id`, and those that one of `roles` may decide."""

    actor_id: str
    roles: Sequence[str]
    state: str | None
    after: UUID | None
    limit: int


def page(connection: sa.Connection, wanted: Asking, *, within: AreaScope) -> Sequence[Approval]:
    """Those that somebody may see, in the order they were asked for."""
    theirs = (approval.c.actor_id == wanted.actor_id) | approval.c.second_roles.overlap(list(wanted.roles))
    asked = sa.select(*COLUMNS).where(theirs, *_inside(within)).order_by(approval.c.id).limit(wanted.limit)
    if wanted.state is not None:
        asked = asked.where(approval.c.state == wanted.state)
    if wanted.after is not None:
        asked = asked.where(approval.c.id > wanted.after)
    return [_read(row) for row in connection.execute(asked)]


def approve(connection: sa.Connection, approval_id: UUID, said: Decision, due_at: datetime) -> None:
    """Somebody else agreed; if nobody carries it out at once, it is tried at `due_at`."""
    _change(connection, approval_id, WAITING, state=APPROVED, due_at=due_at, **_decided(said))


def decline(connection: sa.Connection, approval_id: UUID, said: Decision) -> None:
    """Somebody else said no; it is over and what was sealed is gone."""
    over = {"state": "declined", "finished_at": said.at, "sealed": None}
    _change(connection, approval_id, WAITING, **over, **_decided(said))


def end(connection: sa.Connection, approval_id: UUID, end: End) -> bool:
    """It was carried out, refused or taken back, and what was sealed is gone; False if somebody ended it before."""
    before = APPROVED if end.state in ("done", "refused") else WAITING
    return _change(
        connection,
        approval_id,
        before,
        state=end.state,
        finished_at=end.at,
        sealed=None,
        due_at=None,
        decision_id=end.decision_id,
        answer=end.answer,
        refusal=end.refusal,
    )


def due(connection: sa.Connection, now: datetime, limit: int) -> Sequence[UUID]:
    """What was approved and is not carried out yet, whose turn has come."""
    asked = sa.select(approval.c.id).where(approval.c.state == APPROVED, approval.c.due_at <= now)
    return connection.scalars(asked.order_by(approval.c.due_at).limit(limit)).all()


def postpone(connection: sa.Connection, approval_id: UUID, until: datetime) -> None:
    """Its service did not carry it out: it is tried again then."""
    _change(connection, approval_id, APPROVED, due_at=until, attempts=approval.c.attempts + 1)


def expire(connection: sa.Connection, now: datetime) -> Sequence[UUID]:
    """End what nobody decided in its time; which."""
    return connection.scalars(
        sa.update(approval)
        .where(approval.c.state == WAITING, approval.c.until <= now)
        .values(state="expired", finished_at=now, sealed=None)
        .returning(approval.c.id)
    ).all()


def waiting_of(connection: sa.Connection, actor_id: str) -> int:
    """How many of one actor's wait."""
    asked = sa.select(sa.func.count()).where(approval.c.actor_id == actor_id, approval.c.state == WAITING)
    return connection.scalar(asked) or 0


def waiting(connection: sa.Connection) -> dict[str, int]:
    """How many stand where, of those that are not over."""
    asked = sa.select(approval.c.state, sa.func.count()).where(approval.c.state.in_((WAITING, APPROVED)))
    return {state: count for state, count in connection.execute(asked.group_by(approval.c.state))}  # noqa: C416


def purge(connection: sa.Connection, now: datetime) -> int:
    """Forget what was over long ago; the record keeps its lines. How many."""
    return connection.execute(sa.delete(approval).where(approval.c.finished_at < now - KEPT_FOR)).rowcount


def _change(connection: sa.Connection, approval_id: UUID, before: str, **values: Any) -> bool:
    changed = sa.update(approval).where(approval.c.id == approval_id, approval.c.state == before).values(**values)
    return connection.execute(changed).rowcount == 1


def _decided(said: Decision) -> dict[str, Any]:
    return {"decided_by": said.by, "decided_at": said.at, "sealed_because": said.sealed_because}


def _inside(within: AreaScope) -> tuple[sa.ColumnElement[bool], ...]:
    return approval.c.area_code >= within.code, approval.c.area_code < within.upper


def _read(row: sa.Row[Any]) -> Approval:
    found = dict(row._mapping)
    return Approval(**{**found, "people": tuple(found["people"]), "second_roles": tuple(found["second_roles"])})
