"""The inbox: every event applied once, in order per subject, in the transaction of what it causes.

A batch is one transaction: lock the cursors in order, join what waited, drop what is behind, apply what is contiguous,
keep what is ahead, advance. The caller acknowledges after the commit. Order and retries live here, never in the broker.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from time import perf_counter

import sqlalchemy as sa

from chassis import inbox_store as store
from chassis.crash_points import reached
from chassis.database import again_if_transient
from chassis.decoding import decode
from chassis.inbox_meter import InboxMeter
from chassis.inbox_streams import Key, Position, Stream, position
from chassis.logging import logger
from chassis.restoring import RESTORED_TYPES, follow, missing
from chassis.runtime import Runtime
from chassis.service import NotYet
from chassis.surroundings import PeerAway
from chassis.tracing import child_of, trace_id
from chassis.work import Work, begin
from contracts.catalogue import EVENTS, UPCASTERS
from contracts.envelope import Envelope

RETRY_AFTER = tuple(timedelta(seconds=s) for s in (1, 10, 60, 600, 3600, 21600))
NOT_YET_RECHECK = timedelta(seconds=60)


class Inbox:
    """The inbox of one consumer."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._reactions = runtime.service.reactions_to()
        self._name = runtime.name
        self._meter = InboxMeter(runtime)
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
        self._meter.begin()
        with begin(self._runtime, self._runtime.system) as work:
            arrived = dict.fromkeys(Key(envelope.source, envelope.subject) for envelope in batch)
            now = work.now
            streams = self._lock(work, arrived.keys() | set(due), now)
            for envelope in batch:
                if not streams[Key(envelope.source, envelope.subject)].take(envelope):
                    self._meter.known()
            order = [*arrived, *sorted(streams.keys() - arrived.keys())]
            applied = sum(self._drain(work, streams[key], now, careful) for key in order)
            work.finish()
            self._save(work, streams)
            reached("inbox.commit")
        self._meter.committed(self._runtime.clock.now())
        return applied

    def _lock(self, work: Work, keys: set[Key], now: datetime) -> dict[Key, Stream]:
        streams = {}
        for cursor in store.lock_cursors(work.connection, sorted(keys)):
            at = Position(cursor.epoch, cursor.sequence)
            streams[Key(cursor.source, cursor.subject)] = Stream(at, at)
        for row in store.waiting(work.connection, sorted(keys), now):
            streams[Key(row.source, row.subject)].resume(decode(row.body), row)
        return streams

    def _drain(self, work: Work, stream: Stream, now: datetime, careful: bool) -> int:
        applied = 0
        while not stream.failed and (envelope := stream.next()):
            if careful and envelope.type in RESTORED_TYPES and not self._catch_up(work, stream, envelope, now):
                break
            started = perf_counter()
            if careful:
                if not self._try(work, stream, envelope, now):
                    break
            else:
                waited = stream.kept.get(position(envelope))
                if waited and waited.holds(now):
                    break
                self._react(work, envelope, stream.at)
            stream.advance(envelope)
            self._meter.applied(envelope, started)
            applied += 1
        return applied

    def _catch_up(self, work: Work, stream: Stream, begins: Envelope, now: datetime) -> bool:
        """Take what a restored source's log holds before its new epoch, one by one, and whether all of it was applied.

        Otherwise two streams, of which each lacks the beginning of the other, would wait for one another for ever.
        """
        try:
            for missed in missing(work, begins, stream.at):
                if not self._try(work, stream, missed, now):
                    return False
                stream.catch_up(missed)
        except PeerAway:  # said again, and put down, when the event itself is tried
            return True
        return True

    def _try(self, work: Work, stream: Stream, envelope: Envelope, now: datetime) -> bool:
        waited = stream.kept.get(position(envelope))
        if waited and waited.holds(now):
            return False
        if self._react_carefully(work, envelope, stream.at, waited):
            return True
        stream.failed = envelope
        return False

    def _react(self, work: Work, envelope: Envelope, at: Position) -> None:
        if envelope.type in RESTORED_TYPES:
            follow(work, envelope, at, self._call)
        self._call(work, envelope)

    def _call(self, work: Work, envelope: Envelope) -> None:
        work.causation, work.decision = str(envelope.id), envelope.decisionid
        work.traceparent, work.happened_at = child_of(envelope.traceparent), envelope.time
        name, data = envelope.type, envelope.data
        while name in UPCASTERS:
            name, data = UPCASTERS[name](data)
        for reaction in self._reactions.get(name, ()):
            reaction(work, EVENTS[name].model_validate(data))

    def _react_carefully(self, work: Work, envelope: Envelope, at: Position, waited: store.Waiting | None) -> bool:
        mark, attempts, started = work.mark(), waited.attempts if waited else 0, perf_counter()
        try:
            with work.connection.begin_nested():
                self._react(work, envelope, at)
                work.finish()
        except NotYet as lacking:
            due = work.now + NOT_YET_RECHECK
            store.hold(work.connection, envelope, "not_yet", attempts, due, lacking.subject, None)
        except Exception as error:
            if isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated:
                raise
            self._meter.failed(envelope, started, error)
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
        logger().error("reaction_failed", consumer=self._name, event_id=str(envelope.id), type=envelope.type,
                       attempts=attempts, parked=parked, trace=trace_id(envelope.traceparent), error=error)  # fmt: skip

    def _save(self, work: Work, streams: dict[Key, Stream]) -> None:
        store.keep_ahead(work.connection, [envelope for stream in streams.values() for envelope in stream.ahead()])
        moved = sorted(key for key, stream in streams.items() if stream.moved)
        if moved:
            store.advance(work.connection, [(*key, *streams[key].at) for key in moved])
            store.forget_applied(work.connection, [tuple(key) for key in moved if streams[key].kept])
            self._woken = store.wake(work.connection, sorted({key.subject for key in moved}))
