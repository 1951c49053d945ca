"""Where every event stands: recorded at its source, applied, skipped, waiting or parked at each consumer."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from chassis import inbox_gaps, inbox_store
from chassis.addresses import app_url
from chassis.settings import Settings
from contracts.catalogue import SOURCES
from kith.ops.reaching import source_of
from kith.registry import CONSUMERS, SERVICES, listeners

SAID = sa.text("""
    select (select number from epoch) as epoch, (select coalesce(sum(sequence), 0) from stream) as recorded,
           (select count(*) from outbox_unsent) as unsent,
           (select extract(epoch from now() - created_at) from outbox_unsent order by id limit 1) as oldest_unsent
""")
"""The streams know how many events there were, and are few; counting the outbox's rows would read millions."""

BEHIND_CURSORS = sa.text("""
    select source, epoch, sum(sequence) as passed from inbox_cursor group by source, epoch
""")
SKIPPED = sa.text("""
    select s.source, s.epoch, count(*) as skipped from inbox_skipped s join inbox_cursor c using (source, subject)
    where s.epoch = c.epoch and s.sequence <= c.sequence group by s.source, s.epoch
""")
OLDEST_WAITING = sa.text("select extract(epoch from now() - min(since)) from inbox_waiting")
JOBS = sa.text("select state, count(*) as n from job group by state")


@dataclass(frozen=True)
class SourceState:
    """One service's outbox."""

    name: str
    epoch: int
    recorded: int
    """Events that became true in this epoch."""

    unsent: int
    oldest_unsent_seconds: float | None
    queues: int
    """How many consumers are bound to it."""


@dataclass(frozen=True)
class ConsumerState:
    """One consumer's inbox."""

    name: str
    applied: int
    skipped: int
    """Given up by an operator, with a tombstone."""

    waiting: dict[str, int]
    oldest_waiting_seconds: float | None
    gaps: int
    """What waits too long for something missing, or was applied though its source no longer knows it."""


@dataclass(frozen=True)
class Status:
    """The whole installation at one moment."""

    sources: tuple[SourceState, ...]
    consumers: tuple[ConsumerState, ...]
    jobs: dict[str, dict[str, int]]

    @property
    def recorded(self) -> int:
        """Events that became true."""
        return sum(source.recorded for source in self.sources)

    @property
    def expected(self) -> int:
        """Deliveries that there must be in the end."""
        return sum(source.recorded * source.queues for source in self.sources)

    @property
    def applied(self) -> int:
        """Deliveries that were applied."""
        return sum(consumer.applied for consumer in self.consumers)

    @property
    def skipped(self) -> int:
        """Deliveries that an operator gave up."""
        return sum(consumer.skipped for consumer in self.consumers)

    @property
    def parked(self) -> int:
        """Deliveries that wait for an operator."""
        return sum(consumer.waiting.get("parked", 0) for consumer in self.consumers)

    @property
    def open_jobs(self) -> int:
        """Background jobs that are due or at work."""
        return sum(found.get("queued", 0) + found.get("running", 0) for found in self.jobs.values())

    @property
    def settled(self) -> bool:
        """Whether everything that was said has been heard, and nothing is left to do."""
        return self.applied + self.skipped + self.parked >= self.expected and not self.open_jobs


class Watch:
    """Reads the status again and again over the same connections."""

    def __init__(self, settings: Settings) -> None:
        databases = {consumer.database_name for consumer in CONSUMERS.values()} | set(SERVICES)
        self._settings = settings
        self._engines = {name: sa.create_engine(app_url(settings, name), pool_size=1) for name in databases}

    def status(self) -> Status:
        """Consumers are read before sources, so that nothing seems applied that is not recorded."""
        epochs = {source_of(self._settings, name): self._epoch(name) for name in SOURCES}
        consumers = tuple(self._consumer(name, epochs) for name in CONSUMERS)
        jobs = {name: self._jobs(name) for name in SERVICES}
        sources = tuple(self._source(name) for name in SERVICES)
        return Status(sources, consumers, jobs)

    def _epoch(self, name: str) -> int:
        with self._engines[name].connect() as connection:
            return int(connection.scalar(sa.text("select number from epoch")) or 1)

    def _source(self, name: str) -> SourceState:
        with self._engines[name].connect() as connection:
            row = connection.execute(SAID).one()
        oldest = None if row.oldest_unsent is None else round(float(row.oldest_unsent), 1)
        return SourceState(name, row.epoch, int(row.recorded), row.unsent, oldest, len(listeners(name)))

    def _consumer(self, name: str, epochs: dict[str, int]) -> ConsumerState:
        """What it heard of the epoch that each source is in now: before a restore, streams counted anew."""
        with self._engines[CONSUMERS[name].database_name].connect() as connection:
            passed = sum(int(row.passed) for row in connection.execute(BEHIND_CURSORS) if _now(row, epochs))
            skipped = sum(row.skipped for row in connection.execute(SKIPPED) if _now(row, epochs))
            waiting = inbox_store.counts(connection)
            oldest = connection.scalar(OLDEST_WAITING) if waiting else None
            age = None if oldest is None else round(float(oldest), 1)
            return ConsumerState(name, passed - skipped, skipped, waiting, age, inbox_gaps.count(connection))

    def _jobs(self, name: str) -> dict[str, int]:
        with self._engines[name].connect() as connection:
            return {row.state: row.n for row in connection.execute(JOBS)}

    def close(self) -> None:
        """Give the connections back."""
        for engine in self._engines.values():
            engine.dispose()


def _now(row: sa.Row[*tuple[Any, ...]], epochs: dict[str, int]) -> bool:
    return bool(epochs.get(row.source) == row.epoch)
