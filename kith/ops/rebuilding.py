"""Bring a listener up to date from its sources' own logs, while traffic goes on."""

import heapq
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import groupby

import sqlalchemy as sa

from chassis.addresses import owner_url
from chassis.archive import Archive, ArchiveMissing, whole_log
from chassis.decoding import decode
from chassis.execution import LocalExecutor
from chassis.hosts.inprocess import InProcessPeers
from chassis.inbox import Inbox
from chassis.runtime import Runtime
from chassis.schema import inbox_cursor, inbox_diverged, inbox_waiting, stream
from chassis.service import Service
from chassis.settings import Settings
from contracts.catalogue import SOURCES
from contracts.envelope import Envelope
from kith.refusing import BadInput
from kith.registry import CONSUMERS, SERVICES

PAGE = 500
PASSES = 20
"""Each pass reads what the one before left waiting for a fact; what is left then is for the gaps list."""

Progress = Callable[[int, int], None]
"""Told after each page: events read, and how many there are to read."""


@dataclass(frozen=True)
class Rebuilt:
    """What came of it. `waiting`: events that still lack something; see `kith ops gaps`."""

    consumer: str
    read: int
    applied: int
    waiting: int
    seconds: float


def rebuild(
    settings: Settings, consumer: str, *, empty: bool = False, progress: Progress = lambda done, of: None
) -> Rebuilt:
    """Read the whole logs of all sources and apply what the listener has not. BadInput if there is no such listener.

    `empty` first forgets all that it knows; only for one that keeps nothing of its own. Memory: a page of each log.
    """
    if consumer not in CONSUMERS:
        raise BadInput(f"nobody called {consumer!r} listens; there are {', '.join(sorted(CONSUMERS))}")
    service, started = CONSUMERS[consumer], time.monotonic()
    if empty:
        _empty(settings, service)
    with ExitStack() as opened:
        sources = {
            name: _runtime(opened, settings, SERVICES[name]) for name in SOURCES if name in service.sources(SOURCES)
        }
        runtime = _runtime(opened, settings, service, sources)
        applied, read = _read_all(runtime, sources, progress)
        waiting = _waiting(runtime)
    return Rebuilt(consumer, read, applied, waiting, time.monotonic() - started)


def _empty(settings: Settings, service: Service) -> None:
    """Take away what was made of events, and the cursors with it, in one transaction."""
    if not service.projections:
        raise BadInput(
            f"{service.name} keeps data of its own, which no log holds: it can be brought up to date only"
        )
    engine = sa.create_engine(owner_url(settings, service.database_name), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"truncate {', '.join(service.projections)}")
        for table in (inbox_waiting, inbox_diverged, inbox_cursor):
            connection.execute(sa.delete(table))


def _runtime(
    opened: ExitStack, settings: Settings, service: Service, sources: dict[str, Runtime] | None = None
) -> Runtime:
    peers = InProcessPeers(settings.call_timeout)
    peers.executors.update({name: LocalExecutor(source) for name, source in (sources or {}).items()})
    runtime = Runtime.of(service, settings, peers, pool_size=2)
    opened.enter_context(closing(runtime.database))
    return runtime


def _read_all(runtime: Runtime, sources: dict[str, Runtime], progress: Progress) -> tuple[int, int]:
    """Page by page in the order in which things became true; (events applied, events read)."""
    inbox, applied, read = Inbox(runtime), 0, 0
    total = sum(_length(source) for source in sources.values())
    page: list[Envelope] = []
    for envelope in heapq.merge(*map(_log, sources.values()), key=lambda each: each.time):
        page.append(envelope)
        if len(page) == PAGE:
            applied, read = applied + _receive(inbox, page), read + PAGE
            progress(read, max(total, read))
            page = []
    applied, read = applied + _receive(inbox, page), read + len(page)
    for _ in range(PASSES):
        caught_up = inbox.tick()
        applied += caught_up
        if not caught_up:
            break
    progress(read, read)
    return applied, read


def _receive(inbox: Inbox, page: list[Envelope]) -> int:
    """Epoch by epoch: an inbox that sees a later one begin would ask for what is on this very page."""
    by_epoch = groupby(sorted(page, key=lambda envelope: envelope.epoch), key=lambda envelope: envelope.epoch)
    return sum(inbox.receive(list(of_one_epoch)) for _, of_one_epoch in by_epoch)


def _log(source: Runtime) -> Iterator[Envelope]:
    """What a source ever said: what was archived, then its outbox."""
    try:
        archive = Archive(source.settings, source.name)
        yield from map(decode, whole_log(archive, source.name, source.database.engine))
    except ArchiveMissing as missing:
        raise BadInput(str(missing)) from missing


def _length(source: Runtime) -> int:
    with source.database.begin() as connection:
        return int(connection.scalar(sa.select(sa.func.sum(stream.c.sequence))) or 0)


def _waiting(runtime: Runtime) -> int:
    with runtime.database.begin() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(inbox_waiting)) or 0
