"""The embedded host: every service in this process, the bus in memory, the same tables and the same inbox."""

import threading
import time
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from chassis import fingerprint, outbox, repairing, timers, watching
from chassis.decoding import decode
from chassis.execution import Call, LocalExecutor, Reply
from chassis.inbox import Inbox
from chassis.inbox_meter import deliveries
from chassis.logging import logger
from chassis.metrics import SentMeter
from chassis.rpc import ServiceAway, ask_through
from chassis.runtime import Runtime
from chassis.service import Service, Timer
from chassis.settings import Settings
from chassis.watching import OutboxWatch
from chassis.worker import Worker
from contracts.actor import Actor
from contracts.catalogue import SOURCES
from contracts.messages import Query, View

BATCH = 500
INBOX_BATCH = 100
POLL_SECONDS = 1.0
"""Only a net: every commit of this process wakes its relay."""

TICK_SECONDS = 1.0


class InProcessPeers:
    """Asks other services by calling their executor."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self.executors: dict[str, LocalExecutor] = {}

    def ask(self, query: Query, actor: Actor, traceparent: str | None) -> View:
        """The answer; PeerAway if there is none."""
        return ask_through(self._call, query, actor, traceparent, self._timeout)

    def _call(self, service: str, call: Call) -> Reply:
        if service not in self.executors:
            raise ServiceAway(service)
        return self.executors[service].execute(call)


class InProcessHost:
    """Runs services with relays, inboxes, timers and workers as threads."""

    def __init__(self, services: Sequence[Service], settings: Settings) -> None:
        self._settings = settings
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        peers = InProcessPeers(settings.call_timeout)
        self.runtimes = {s.name: Runtime.of(s, settings, peers, pool_size=5) for s in services}
        self.executors = peers.executors
        self.executors.update({name: LocalExecutor(runtime) for name, runtime in self.runtimes.items()})
        self._inboxes = {
            name: Inbox(runtime) for name, runtime in self.runtimes.items() if runtime.service.sources(SOURCES)
        }
        self._delivered = {name: deliveries(self.runtimes[name]) for name in self._inboxes}
        self._one_batch_at_a_time = {name: threading.Lock() for name in self._inboxes}

    def start(self) -> None:
        """Begin to relay, react, tick and work. DatabaseRestored if one of them is a backup."""
        for name, runtime in self.runtimes.items():
            with runtime.database.begin() as connection:
                fingerprint.check(connection, name)
        for name, runtime in self.runtimes.items():
            if name in SOURCES:
                self._spawn(f"relay-{name}", _Relay(runtime, self._deliver, self._stop).run)
            if runtime.service.jobs:
                self._spawn(f"work-{name}", Worker(runtime, self._stop).run)
            for timer in runtime.service.timers:
                self._spawn(f"timer-{name}-{timer.name}", lambda r=runtime, t=timer: self._tick(r, t))
        for name, inbox in self._inboxes.items():
            self._spawn(f"inbox-{name}", lambda n=name, i=inbox: self._tick_inbox(n, i))

        self._spawn("outbox-watch", OutboxWatch(list(self._sources()), self._settings, self._stop).run)

    def _sources(self) -> Iterator[str]:
        return (name for name in self.runtimes if name in SOURCES)

    def stop(self) -> None:
        """End all threads after what they are doing, then let go of the databases."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=30)
        for runtime in self.runtimes.values():
            runtime.database.close()

    def _spawn(self, name: str, run: object) -> None:
        thread = threading.Thread(target=run, name=name, daemon=True)  # type: ignore[arg-type]
        thread.start()
        self._threads.append(thread)

    def _deliver(self, source: str, rows: Sequence[outbox.Unsent]) -> None:
        """Hand the events to every consumer of the source; returns when all have committed."""
        envelopes = [decode(row.body) for row in rows]
        for name, inbox in self._inboxes.items():
            if source not in self.runtimes[name].service.sources(SOURCES):
                continue
            self._delivered[name].inc(len(envelopes))
            with self._one_batch_at_a_time[name]:
                for start in range(0, len(envelopes), INBOX_BATCH):
                    inbox.receive(envelopes[start : start + INBOX_BATCH])

    def _tick(self, runtime: Runtime, timer: Timer) -> None:
        while not self._stop.wait(timer.every.total_seconds()):
            timers.run_once(runtime, timer)

    def _tick_inbox(self, name: str, inbox: Inbox) -> None:
        watched = 0.0
        while not self._stop.wait(TICK_SECONDS):
            try:
                with self._one_batch_at_a_time[name]:
                    inbox.tick()
                if time.monotonic() - watched > watching.EVERY_SECONDS:
                    watching.watch_inbox(self.runtimes[name])
                    with self._one_batch_at_a_time[name]:
                        repairing.repair(self.runtimes[name], inbox)
                    watched = time.monotonic()
            except sa.exc.DBAPIError as error:
                logger().warning("inbox_waits_for_database", consumer=name, error=error)


class _Relay:
    """Takes unsent events to the consumers of this process; marks them sent when all have applied or kept them."""

    def __init__(self, runtime: Runtime, deliver: object, stop: threading.Event) -> None:
        self._runtime = runtime
        self._deliver = deliver
        self._stop = stop
        self._woken = threading.Event()
        self._meter = SentMeter(runtime.name, runtime.settings, runtime.names.events_exchange)
        runtime.database.poked = self._woken.set

    def run(self) -> None:
        """Until stopped."""
        while not self._stop.is_set():
            self._woken.clear()
            try:
                sent = self._send()
            except sa.exc.DBAPIError as error:
                logger().warning("relay_waits", service=self._runtime.name, error=error)
                time.sleep(1)
                continue
            if not sent:
                self._woken.wait(POLL_SECONDS)

    def _send(self) -> int:
        with self._runtime.database.begin() as connection:
            rows = outbox.unsent(connection, BATCH)
        if rows:
            started = time.perf_counter()
            self._deliver(self._runtime.name, rows)  # type: ignore[operator]
            self._meter.sent(len(rows), 0, time.perf_counter() - started)
            with self._runtime.database.begin() as connection:
                outbox.mark_sent(connection, rows)
        return len(rows)
