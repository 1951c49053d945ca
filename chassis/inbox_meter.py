"""What one inbox tells Prometheus: gathered while a batch is applied, told once its transaction has committed."""

from datetime import datetime
from time import perf_counter

from prometheus_client import Counter, Histogram

from chassis.metrics import (
    CONSUMED,
    EVENT_LAG,
    INBOX_APPLIED,
    INBOX_DUPLICATES,
    INBOX_FAILED,
    PROCESS_DURATION,
    messaging_system,
)
from chassis.surroundings import Surroundings
from contracts.envelope import Envelope


def deliveries(around: Surroundings) -> Counter:
    """How many events were delivered to this consumer; its host counts."""
    queue = around.names.inbox_queue(around.name)
    return CONSUMED.labels(messaging_system(around.settings), queue, around.name, "deliver")


class InboxMeter:
    """Counts for one consumer. What a rolled-back transaction did was not done, and is not told."""

    def __init__(self, around: Surroundings) -> None:
        consumer, names = around.name, around.names
        self._system = messaging_system(around.settings)
        self._exchange, self._queue = names.events_exchange, names.inbox_queue(consumer)
        self._consumer = consumer
        self._duplicates = INBOX_DUPLICATES.labels(consumer)
        self._applied = INBOX_APPLIED.labels(consumer)
        self._failed = INBOX_FAILED.labels(consumer)
        self._lag = EVENT_LAG.labels(consumer)
        self._durations: dict[tuple[str, str], Histogram] = {}
        self.begin()

    def begin(self) -> None:
        """A transaction begins, or begins again: forget what the last one would have told."""
        self._known = 0
        self._done: list[tuple[Envelope, float]] = []

    def known(self) -> None:
        """An event came that had been applied before."""
        self._known += 1

    def applied(self, envelope: Envelope, started: float) -> None:
        """The reactions to an event ran, since `started` of time.perf_counter()."""
        self._done.append((envelope, perf_counter() - started))

    def failed(self, envelope: Envelope, started: float, error: Exception) -> None:
        """A reaction failed. Told at once: its savepoint is gone, the failure stays."""
        self._failed.inc()
        self._duration(envelope.type, type(error).__name__).observe(perf_counter() - started)

    def committed(self, now: datetime) -> None:
        """Everything since `begin` holds from now on."""
        if self._known:
            self._duplicates.inc(self._known)
        self._applied.inc(len(self._done))
        for envelope, seconds in self._done:
            self._duration(envelope.type, "").observe(seconds)
            self._lag.observe(max(0.0, (now - envelope.time).total_seconds()))  # clocks may disagree
        self.begin()

    def _duration(self, event_type: str, error: str) -> Histogram:
        found = self._durations.get((event_type, error))
        if found is None:
            destination = f"{self._exchange}:{event_type}:{self._queue}"
            found = PROCESS_DURATION.labels(self._system, destination, self._consumer, "process", error)
            self._durations[event_type, error] = found
        return found
