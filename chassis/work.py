"""`Work`: one transaction with who acts, what day it is, and what became true in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from chassis import audit, job_queue, outbox
from chassis.database import SET_SCOPE, again_if_transient
from chassis.surroundings import Surroundings
from contracts.actor import Actor, Purpose
from contracts.area import AreaScope
from contracts.messages import Event, Query, View

T = TypeVar("T")


@dataclass
class Work:
    """One transaction. Use cases read and write through it, record events on it, and never commit it."""

    runtime: Surroundings
    connection: sa.Connection
    actor: Actor
    causation: str | None = None
    decision: UUID | None = None
    traceparent: str | None = None
    happened_at: datetime | None = None
    """When what is being reacted to became true at its source; a rebuild hears of it long after."""

    recorded: list[outbox.Recorded] = field(default_factory=list)
    _audit: list[audit.Entry] = field(default_factory=list)
    _gathered: dict[Callable[[Work, list[Any]], None], list[Any]] = field(default_factory=dict)
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
        context = (self.causation, self.decision, self.traceparent)
        return job_queue.enqueue(self.connection, self.actor, context, kind, args, after)

    def ask(self, query: Query, *, purpose: Purpose | None = None) -> View:
        """Ask another service as this one; PeerAway if it does not answer."""
        actor = Actor.system(self.runtime.name, self.runtime.settings.county)
        return self.runtime.peers.ask(query, actor.model_copy(update={"purpose": purpose}), self.traceparent)

    def last(self, do: Callable[[Work, list[T]], None], *items: T) -> None:
        """Do this once just before commit (in an inbox: after the batch), with all items that were given for it.

        So what a hundred events write may be one statement. What is read before then does not see it.
        """
        self._gathered.setdefault(do, []).extend(items)

    def finish(self) -> None:
        """Run what was put last. A step may put more."""
        while self._gathered:
            do = next(iter(self._gathered))
            do(self, self._gathered.pop(do))

    def mark(self) -> tuple[int, int]:
        """Where the work stands, for `undo_to`."""
        return len(self.recorded), len(self._audit)

    def undo_to(self, mark: tuple[int, int]) -> None:
        """Forget what was recorded, audited and put last since then: its savepoint was rolled back."""
        del self.recorded[mark[0] :]
        del self._audit[mark[1] :]
        self._gathered.clear()

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
def begin(runtime: Surroundings, actor: Actor, **context: Any) -> Iterator[Work]:
    """A transaction with row security set to the actor's area; committed with its events, or nothing at all."""
    with runtime.database.engine.begin() as connection:
        connection.execute(SET_SCOPE, {"area": actor.area})
        work = Work(runtime, connection, actor, **context)
        yield work
        work.flush()
    if work.something_to_send:
        runtime.database.poke()


@again_if_transient
def transact(runtime: Surroundings, actor: Actor, do: Callable[[Work], T], **context: Any) -> T:
    """`do(work)` in a transaction; tried again up to three times after deadlock or a version conflict."""
    with begin(runtime, actor, **context) as work:
        return do(work)
