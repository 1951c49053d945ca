"""The inbox: every event applied once, in order per subject, in the transaction of what it causes.

A batch is one transaction: lock the cursors in order, join what waited, drop what is behind, apply what is contiguous,
keep what is ahead, advance. The caller acknowledges after the commit. Order and retries live here, never in the broker.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

import sqlalchemy as sa
from pydantic import ValidationError

from chassis import inbox_store as store
from chassis.database import Work, again_if_transient, begin
from chassis.logging import logger
from chassis.metrics import INBOX_APPLIED, INBOX_DUPLICATES, INBOX_FAILED, observe_lag
from chassis.runtime import Runtime
from chassis.tracing import child_of
from contracts.catalogue import EVENTS, UPCASTERS
from contracts.envelope import Envelope

RETRY_AFTER = tuple(timedelta(seconds=s) for s in (1, 10, 60, 600, 3600, 21600))
NOT_YET_RECHECK = timedelta(seconds=60)


class NotYet(Exception):
    """A reaction lacks another subject's fact: it waits for that subject, and it is no failure."""

    def __init__(self, subject: object) -> None:
        super().__init__(str(subject))
        self.subject = str(subject)


class Undecodable(ValueError):
    """Bytes that are no event of ours: for the dead-letter queue."""


class Key(NamedTuple):
    """What order is promised for."""

    source: str
    subject: str


@dataclass
class _Stream:
    """One subject within a batch: where its cursor stands and what lies before it."""

    epoch: int
    sequence: int
    at_start: tuple[int, int]
    had_waiting: bool = False
    pending: dict[int, Envelope] = field(default_factory=dict)
    waiting: dict[int, store.Waiting] = field(default_factory=dict)
    blocked: bool = False


def decode(body: bytes | str) -> Envelope:
    """An envelope from the wire; Undecodable if it is none."""
    try:
        return Envelope.model_validate_json(body)
    except ValidationError as error:
        raise Undecodable(error.errors()[0]["type"]) from error


class Inbox:
    """The inbox of one consumer."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._reactions = runtime.service.reactions_to()
        self._name = runtime.service.name
        self._woken = False

    def receive(self, batch: Sequence[Envelope]) -> int:
        """Apply a batch, what waits behind it, and what it woke; events applied."""
        applied = self._receive(batch)
        return applied + self.tick() if self._woken else applied

    def _receive(self, batch: Sequence[Envelope]) -> int:
        try:  # all at once; if a reaction fails, anew with a savepoint for each event
            return self._apply(batch, (), careful=False)
        except Exception as error:
            if isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated:
                raise
            logger().info("inbox_batch_redone", consumer=self._name, error=error)
        return self._apply(batch, (), careful=True)

    def tick(self) -> int:
        """Apply what has become due: retries, and events whose missing fact has come. Events applied."""
        self._woken = False
        with self._runtime.database.begin() as connection:
            due = [Key(row.source, row.subject) for row in store.due(connection, limit=100)]
        return self._apply((), due, careful=True) if due else 0

    @again_if_transient
    def _apply(self, batch: Sequence[Envelope], due: Iterable[Key], *, careful: bool) -> int:
        with begin(self._runtime, self._runtime.system) as work:
            keys = {Key(envelope.source, envelope.subject) for envelope in batch} | set(due)
            streams = self._lock(work, keys)
            self._sort_in(streams, batch)
            order = [Key(envelope.source, envelope.subject) for envelope in batch] + sorted(keys)
            applied = sum(self._drain(work, streams[key], careful) for key in order)
            work.finish()
            self._save(work, streams)
        return applied

    def _lock(self, work: Work, keys: set[Key]) -> dict[Key, _Stream]:
        cursors = store.lock_cursors(work.connection, sorted(keys))
        streams = {Key(c.source, c.subject): _Stream(c.epoch, c.sequence, (c.epoch, c.sequence)) for c in cursors}
        for row in store.waiting(work.connection, sorted(keys)):
            stream = streams[Key(row.source, row.subject)]
            stream.waiting[row.sequence] = row
            stream.had_waiting = True
            stream.pending[row.sequence] = decode(row.body)
        return streams

    def _sort_in(self, streams: dict[Key, _Stream], batch: Sequence[Envelope]) -> None:
        for envelope in batch:
            stream = streams[Key(envelope.source, envelope.subject)]
            if envelope.epoch > stream.epoch:  # the source was restored: its streams start anew
                stream.epoch, stream.sequence = envelope.epoch, 0
                stream.pending.clear()
                stream.waiting.clear()
            if envelope.epoch < stream.epoch or envelope.sequence <= stream.sequence:
                INBOX_DUPLICATES.labels(self._name).inc()
            else:
                stream.pending.setdefault(envelope.sequence, envelope)

    def _drain(self, work: Work, stream: _Stream, careful: bool) -> int:
        applied = 0
        while not stream.blocked and (envelope := stream.pending.get(stream.sequence + 1)):
            waited = stream.waiting.get(envelope.sequence)
            if waited and waited.holds(work.now):
                break
            if careful:
                stream.blocked = not self._react_carefully(work, envelope, waited)
            else:
                self._react(work, envelope)
            if not stream.blocked:
                del stream.pending[envelope.sequence]
                stream.sequence, applied = envelope.sequence, applied + 1
        return applied

    def _react(self, work: Work, envelope: Envelope) -> None:
        work.causation, work.decision = str(envelope.id), envelope.decisionid
        work.traceparent = child_of(envelope.traceparent)
        name, data = envelope.type, envelope.data
        while name in UPCASTERS:
            name, data = UPCASTERS[name](data)
        for reaction in self._reactions.get(name, ()):
            reaction(work, EVENTS[name].model_validate(data))
        INBOX_APPLIED.labels(self._name).inc()
        observe_lag(self._name, (work.now - envelope.time).total_seconds())

    def _react_carefully(self, work: Work, envelope: Envelope, waited: store.Waiting | None) -> bool:
        mark, attempts = work.mark(), waited.attempts if waited else 0
        try:
            with work.connection.begin_nested():
                self._react(work, envelope)
                work.finish()
        except NotYet as lacking:
            due = work.now + NOT_YET_RECHECK
            store.hold(work.connection, envelope, "not_yet", attempts, due, lacking.subject, None)
        except Exception as error:
            if isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated:
                raise
            self._failed(work, envelope, attempts + 1, error)
        else:
            return True
        work.undo_to(mark)
        return False

    def _failed(self, work: Work, envelope: Envelope, attempts: int, error: Exception) -> None:
        parked = attempts > len(RETRY_AFTER)
        due = None if parked else work.now + RETRY_AFTER[attempts - 1]
        state, code = "parked" if parked else "retry", type(error).__name__
        store.hold(work.connection, envelope, state, attempts, due, None, code)
        INBOX_FAILED.labels(self._name).inc()
        logger().error("reaction_failed", consumer=self._name, event_id=str(envelope.id), type=envelope.type,
                       attempts=attempts, parked=parked, error=error)  # fmt: skip

    def _save(self, work: Work, streams: dict[Key, _Stream]) -> None:
        moved = {
            key: stream for key, stream in streams.items() if (stream.epoch, stream.sequence) != stream.at_start
        }
        ahead = [
            envelope
            for stream in streams.values()
            for sequence, envelope in sorted(stream.pending.items())
            if sequence not in stream.waiting and not (stream.blocked and sequence == stream.sequence + 1)
        ]
        store.keep_ahead(work.connection, ahead)
        if moved:
            store.advance(work.connection, [(*key, s.epoch, s.sequence) for key, s in sorted(moved.items())])
            store.forget_applied(work.connection, [tuple(key) for key in sorted(moved) if streams[key].had_waiting])
            self._woken = store.wake(work.connection, sorted({key.subject for key in moved}))
