"""Where every event stands: recorded at its source, applied, waiting or parked at each consumer."""

from dataclasses import dataclass

import sqlalchemy as sa

from chassis import inbox_store
from chassis.addresses import app_url
from chassis.settings import Settings
from kith.registry import CONSUMERS, SERVICES, listeners

RECORDED = sa.text("select count(*) as recorded, count(*) filter (where sent_at is null) as unsent from outbox")
APPLIED = sa.text("select coalesce(sum(sequence), 0) from inbox_cursor")
JOBS = sa.text("select state, count(*) as n from job group by state")


@dataclass(frozen=True)
class SourceState:
    """One service's outbox."""

    name: str
    recorded: int
    unsent: int
    queues: int
    """How many consumers are bound to it."""


@dataclass(frozen=True)
class ConsumerState:
    """One consumer's inbox."""

    name: str
    applied: int
    waiting: dict[str, int]


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
        return self.applied + self.parked >= self.expected and not self.open_jobs


class Watch:
    """Reads the status again and again over the same connections."""

    def __init__(self, settings: Settings) -> None:
        databases = {consumer.database_name for consumer in CONSUMERS.values()} | set(SERVICES)
        self._engines = {name: sa.create_engine(app_url(settings, name), pool_size=1) for name in databases}

    def status(self) -> Status:
        """Consumers are read before sources, so that nothing seems applied that is not recorded."""
        consumers = tuple(self._consumer(name) for name in CONSUMERS)
        jobs = {name: self._jobs(name) for name in SERVICES}
        sources = tuple(self._source(name) for name in SERVICES)
        return Status(sources, consumers, jobs)

    def _source(self, name: str) -> SourceState:
        with self._engines[name].connect() as connection:
            row = connection.execute(RECORDED).one()
        return SourceState(name, row.recorded, row.unsent, len(listeners(name)))

    def _consumer(self, name: str) -> ConsumerState:
        with self._engines[CONSUMERS[name].database_name].connect() as connection:
            applied = int(connection.scalar(APPLIED) or 0)
            return ConsumerState(name, applied, inbox_store.counts(connection))

    def _jobs(self, name: str) -> dict[str, int]:
        with self._engines[name].connect() as connection:
            return {row.state: row.n for row in connection.execute(JOBS)}

    def close(self) -> None:
        """Give the connections back."""
        for engine in self._engines.values():
            engine.dispose()
