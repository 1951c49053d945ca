"""A service's database, and `Work`: one transaction with who acts, what day it is, and what became true in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_random_exponential

from chassis import audit, jobs, outbox
from contracts.actor import Actor, Purpose
from contracts.area import AreaScope
from contracts.messages import Event, Query, View

if TYPE_CHECKING:
    from chassis.runtime import Runtime

SET_SCOPE = sa.text("select set_config('kith.area', :area, true)")
NOTIFY_EVERY_SECONDS = 0.010
T = TypeVar("T")


class ConcurrentChange(Exception):
    """An aggregate's version was no longer the one that was read; the work is tried again."""


def transient(error: BaseException) -> bool:
    """Whether the same work may succeed when it is tried again: deadlock, serialization, version conflict."""
    if isinstance(error, ConcurrentChange):
        return True
    return isinstance(error, DBAPIError) and getattr(error.orig, "pgcode", None) in {"40001", "40P01"}


def away(error: BaseException) -> bool:
    """Whether the server itself is gone, rather than one statement wrong."""
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or (
        isinstance(error, OperationalError) and not getattr(error.orig, "pgcode", None)
    )


again_if_transient = retry(
    retry=retry_if_exception(transient),
    stop=stop_after_attempt(4),
    wait=wait_random_exponential(multiplier=0.01, max=0.2),
    reraise=True,
)
"""Once, and up to three times more."""


class Database:
    """One database with its pool. `poke()` tells the relay that there is something to send."""

    def __init__(self, url: URL, *, pool_size: int = 5) -> None:
        self.url = url
        self.engine = sa.create_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            pool_timeout=10,
            connect_args={"connect_timeout": 5},
        )
        self.poked: Callable[[], None] = self._notify
        self._last_notify = 0.0

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A transaction without scope: chassis tables only."""
        with self.engine.begin() as connection:
            yield connection

    def poke(self) -> None:
        """After a commit that wrote events."""
        self.poked()

    def _notify(self) -> None:
        if time.monotonic() - self._last_notify < NOTIFY_EVERY_SECONDS:
            return
        self._last_notify = time.monotonic()
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("notify kith_outbox")

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


@dataclass
class Work:
    """One transaction. Use cases read and write through it, record events on it, and never commit it."""

    runtime: Runtime
    connection: sa.Connection
    actor: Actor
    causation: str | None = None
    decision: UUID | None = None
    traceparent: str | None = None
    recorded: list[outbox.Recorded] = field(default_factory=list)
    _audit: list[audit.Entry] = field(default_factory=list)
    _last: dict[str, Callable[[Work], None]] = field(default_factory=dict)
    _jobs: int = 0

    @property
    def scope(self) -> AreaScope:
        """The area that may be seen and changed; every `store` function takes it as `within=`."""
        return self.actor.scope

    @property
    def today(self) -> date:
        """The county's day."""
        return self.runtime.clock.today()

    @property
    def now(self) -> datetime:
        """This instant."""
        return self.runtime.clock.now()

    def record(self, *events: Event) -> None:
        """These became true; they leave with the commit."""
        for event in events:
            self.recorded.append(outbox.Recorded(event, self.causation, self.decision, self.traceparent))

    def audit(self, what: str, *, about: object = None, outcome: str = "done") -> None:
        """Put on record who did this; written in the same transaction, or neither."""
        entry = audit.Entry.by(
            self.actor,
            self.now,
            what,
            about=None if about is None else str(about),
            outcome=outcome,
            decision=self.decision,
        )
        self._audit.append(entry)

    def enqueue(self, kind: str, *, after: timedelta = timedelta(0), **args: Any) -> UUID:
        """A piece of background work that `kith work` takes up after this commit. Args: plain JSON values, ids and codes."""
        self._jobs += 1
        return jobs.enqueue(self, kind, args, after)

    def ask(self, query: Query, *, purpose: Purpose | None = None) -> View:
        """Ask another service as this one; PeerAway if it does not answer."""
        actor = Actor.system(self.runtime.service.name, self.runtime.settings.county)
        return self.runtime.peers.ask(query, actor.model_copy(update={"purpose": purpose}), self.traceparent)

    def last(self, key: str, do: Callable[[Work], None]) -> None:
        """Do this once, just before commit (in an inbox: after the batch), however often it was asked for."""
        self._last.setdefault(key, do)

    def finish(self) -> None:
        """Run what was put last. A step may put more."""
        while self._last:
            self._last.pop(next(iter(self._last)))(self)

    def mark(self) -> tuple[int, int]:
        """Where the work stands, for `undo_to`."""
        return len(self.recorded), len(self._audit)

    def undo_to(self, mark: tuple[int, int]) -> None:
        """Forget what was recorded, audited and put last since then: its savepoint was rolled back."""
        del self.recorded[mark[0] :]
        del self._audit[mark[1] :]
        self._last.clear()

    def flush(self) -> None:
        """Write events and audit entries; the last thing before commit."""
        self.finish()
        outbox.write(self.connection, self.runtime.source, self.recorded, self.now)
        audit.append(self.connection, self._audit)

    @property
    def something_to_send(self) -> bool:
        """Whether relay or worker should be woken."""
        return bool(self.recorded or self._jobs)


@contextmanager
def begin(runtime: Runtime, actor: Actor, **context: Any) -> Iterator[Work]:
    """A transaction with row security set to the actor's area; committed with its events, or nothing at all."""
    with runtime.database.engine.begin() as connection:
        connection.execute(SET_SCOPE, {"area": actor.area})
        work = Work(runtime, connection, actor, **context)
        yield work
        work.flush()
    if work.something_to_send:
        runtime.database.poke()


@again_if_transient
def transact(runtime: Runtime, actor: Actor, do: Callable[[Work], T], **context: Any) -> T:
    """`do(work)` in a transaction; tried again up to three times after deadlock or a version conflict."""
    with begin(runtime, actor, **context) as work:
        return do(work)
