"""All SQL about commands that wait for their service."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on, insert

from gateway.api.tables import intake

Place = tuple[str, bytes | None]
"""Whose it is, and a keyed hash of what it is about."""

KEPT_FOR = timedelta(days=30)
HEADS_AT_ONCE = 200
WAITING = intake.c.state == "waiting"
OTHERS = sa.union_all(
    sa.select(intake.c.actor_id, sa.null().label("about")).where(
        WAITING, intake.c.actor_id == sa.any_(sa.bindparam("actors", type_=ARRAY(sa.Text)))
    ),
    sa.select(sa.literal(""), intake.c.about).where(
        WAITING, intake.c.about == sa.any_(sa.bindparam("same", type_=ARRAY(sa.LargeBinary)))
    ),
)
"""Made once: the way of each command that is never blocked leads over it."""


@dataclass(frozen=True)
class Kept:
    """A command in the intake, sealed."""

    id: UUID
    actor_id: str
    service: str
    command: str
    priority: int
    about: bytes | None
    idempotency_key: str
    body_digest: bytes
    sealed: bytes


@dataclass(frozen=True)
class Status:
    """Where a kept command stands, for whoever sent it."""

    id: UUID
    command: str
    state: str
    created_at: datetime
    attempts: int
    body_digest: bytes
    answer: dict[str, Any] | None
    refusal: dict[str, Any] | None


@dataclass(frozen=True)
class Waiting:
    """How much waits, and since when."""

    count: int
    since: datetime | None


def others_wait(connection: sa.Connection, places: Sequence[Place]) -> set[Place]:
    """Those of them of whose actor, or about whose thing, something waits already: order asks them to wait too."""
    if not places:
        return set()
    asked = {"actors": [actor for actor, _ in places], "same": [about for _, about in places if about is not None]}
    actors, things = set[str](), set[bytes]()
    for row in connection.execute(OTHERS, asked):
        actors.add(row.actor_id)
        things |= {bytes(row.about)} if row.about is not None else set()
    return {(actor, about) for actor, about in places if actor in actors or about in things}


def keep(connection: sa.Connection, one: Kept, now: datetime) -> Status:
    """Put it down, once per actor and idempotency key; what stands there under that key."""
    values = {**vars(one), "state": "waiting", "created_at": now, "due_at": now}
    connection.execute(insert(intake).values(**values).on_conflict_do_nothing())
    found = connection.execute(
        _status().where(intake.c.actor_id == one.actor_id, intake.c.idempotency_key == one.idempotency_key)
    ).one()
    return Status(**found._mapping)


def take_back(connection: sa.Connection, withdrawal: Kept, refusal: dict[str, Any], now: datetime) -> int:
    """End what waits about the same thing and was sent before this withdrawal, by whomever; how many."""
    number = sa.select(intake.c.number).where(intake.c.id == withdrawal.id).scalar_subquery()
    return connection.execute(
        sa.update(intake)
        .where(WAITING, intake.c.about == withdrawal.about, intake.c.number < number, intake.c.priority > 0)
        .values(state="refused", sealed=None, refusal=refusal, finished_at=now)
    ).rowcount


def status(connection: sa.Connection, intake_id: UUID, actor_id: str) -> Status | None:
    """Where a command of this actor stands."""
    row = connection.execute(_status().where(intake.c.id == intake_id, intake.c.actor_id == actor_id)).first()
    return Status(**row._mapping) if row else None


def heads(connection: sa.Connection, now: datetime, actor_id: str | None = None) -> Sequence[Kept]:
    """The next command of each actor, or of this one, whose turn has come: withdrawals first, then as they came in.

    What is about the same thing as a withdrawal that waits is nobody's turn.
    """
    columns = [intake.c[name] for name in Kept.__dataclass_fields__]
    head = (
        sa.select(*columns, intake.c.due_at, intake.c.number)
        .ext(distinct_on(intake.c.actor_id))
        .where(WAITING, sa.true() if actor_id is None else intake.c.actor_id == actor_id)
        .order_by(intake.c.actor_id, intake.c.priority, intake.c.number)
        .subquery()
    )
    wanted = [head.c[name] for name in Kept.__dataclass_fields__]
    other = intake.alias()
    withdrawn = sa.exists().where(other.c.state == "waiting", other.c.priority == 0, other.c.about == head.c.about)
    free = sa.or_(head.c.priority == 0, ~withdrawn)
    asked = sa.select(*wanted).where(head.c.due_at <= now, free).order_by(head.c.priority, head.c.number)
    return [Kept(**row._mapping) for row in connection.execute(asked.limit(HEADS_AT_ONCE))]


def attempts(connection: sa.Connection, intake_id: UUID) -> int:
    """How often it was tried."""
    return connection.scalar(sa.select(intake.c.attempts).where(intake.c.id == intake_id)) or 0


def postpone(connection: sa.Connection, intake_id: UUID, until: datetime) -> None:
    """It was tried and is tried again then; what its actor sent later waits behind it."""
    connection.execute(
        sa.update(intake).where(intake.c.id == intake_id).values(due_at=until, attempts=intake.c.attempts + 1)
    )


def postpone_service(connection: sa.Connection, service: str, until: datetime) -> None:
    """The service is away: nothing for it is tried before then."""
    connection.execute(
        sa.update(intake).where(WAITING, intake.c.service == service, intake.c.due_at < until).values(due_at=until)
    )


def finish(
    connection: sa.Connection,
    intake_id: UUID,
    now: datetime,
    *,
    answer: dict[str, Any] | None = None,
    refusal: dict[str, Any] | None = None,
) -> None:
    """It is over, delivered or refused; what was sealed is gone."""
    state = "delivered" if refusal is None else "refused"
    connection.execute(
        sa.update(intake)
        .where(intake.c.id == intake_id, WAITING)
        .values(
            state=state,
            sealed=None,
            answer=answer,
            refusal=refusal,
            finished_at=now,
            attempts=intake.c.attempts + 1,
        )
    )


def waiting(connection: sa.Connection) -> Waiting:
    """How much waits now."""
    row = connection.execute(sa.select(sa.func.count(), sa.func.min(intake.c.created_at)).where(WAITING)).one()
    return Waiting(row[0], row[1])


def purge(connection: sa.Connection, now: datetime) -> int:
    """Forget what was over long ago; how many."""
    return connection.execute(sa.delete(intake).where(intake.c.finished_at < now - KEPT_FOR)).rowcount


def _status() -> sa.Select[Any]:
    return sa.select(*(intake.c[name] for name in Status.__dataclass_fields__))
