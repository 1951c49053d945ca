"""The distributed host: makes a nameko service of a table of contents. Import it only after eventlet has patched."""

import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

import eventlet
from kombu import Connection, Consumer
from nameko.extensions import DependencyProvider
from nameko.rpc import rpc
from nameko.runners import ServiceRunner
from nameko.timer import timer as nameko_timer

from chassis import repairing, timers, topology, watching
from chassis.crash_points import reached
from chassis.decoding import Undecodable, decode
from chassis.execution import Call, LocalExecutor
from chassis.hosts.runtimes import over_broker
from chassis.inbox import Inbox
from chassis.inbox_meter import deliveries
from chassis.logging import logger
from chassis.rpc import METHOD, SERIALIZER, Wire
from chassis.runtime import Runtime
from chassis.service import Service, Timer
from chassis.settings import Settings
from contracts.catalogue import SOURCES
from contracts.envelope import Envelope

BATCH = 100
GATHER_SECONDS = 0.020
QUIET_SECONDS = 0.004
"""When nothing came for so long, there is nothing to wait for."""

MAX_WORKERS = 10
TICK_SECONDS = 1.0


class InboxConsumer(DependencyProvider):  # type: ignore[misc]
    """Feeds the inbox from its queue: up to 100 messages, or what came within 20 ms of the first without a pause."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._delivered = deliveries(runtime)
        self._stopping = False

    def start(self) -> None:
        """Called by nameko once the service is set up."""
        self._thread = self.container.spawn_managed_thread(self._run, identifier="inbox")

    def stop(self) -> None:
        """Called by nameko: finish the batch under way, then leave."""
        self._stopping = True
        self._thread.wait()

    def kill(self) -> None:
        """Called by nameko when the container dies."""
        self._stopping = True

    def _run(self) -> None:
        inbox = Inbox(self._runtime)
        while not self._stopping:
            try:
                self._consume(inbox)
            except Exception as error:  # broker or database away: what was not acknowledged comes again
                logger().warning("inbox_reconnects", consumer=self._runtime.name, error=error)
                eventlet.sleep(1)

    def _consume(self, inbox: Inbox) -> None:
        names, name = self._runtime.names, self._runtime.name
        url = self._runtime.settings.broker_url.get_secret_value()
        with Connection(url, heartbeat=20, connect_timeout=5) as connection:
            topology.declare(connection, names, {name: self._runtime.service.sources(SOURCES)})
            channel = connection.channel()
            channel.basic_qos(0, BATCH * 2, False)
            held: list[Any] = []
            queue = topology.inbox_queue(names, name)
            with Consumer(channel, [queue], on_message=held.append, auto_declare=False):
                while not self._stopping:
                    self._gather(connection, held)
                    if held:
                        self._apply(inbox, channel, held)

    def _gather(self, connection: Any, held: list[Any]) -> None:
        _drain(connection, 1.0)
        connection.heartbeat_check()
        if not held:
            return
        end = monotonic() + GATHER_SECONDS
        while len(held) < BATCH and (left := end - monotonic()) > 0:
            if not _drain(connection, min(left, QUIET_SECONDS)):
                return

    def _apply(self, inbox: Inbox, channel: Any, held: list[Any]) -> None:
        batch: list[Envelope] = []
        taken, held[:] = held[:], []
        self._delivered.inc(len(taken))
        for message in taken:
            try:
                batch.append(decode(message.body))
            except Undecodable:
                message.reject()
        inbox.receive(batch)
        reached("inbox.ack")
        if batch:
            next(message for message in reversed(taken) if not message.acknowledged).ack(multiple=True)


def _drain(connection: Any, seconds: float) -> bool:
    """Take one thing from the broker; False if none came. The library's own time-out alone leaves no frame half read."""
    try:
        connection.drain_events(timeout=seconds)
    except TimeoutError:
        return False
    return True


def service_class(runtime: Runtime) -> type:
    """The nameko class of a service: one RPC entrypoint, its timers, and the inbox."""
    executor = LocalExecutor(runtime)

    def execute(self: object, call: dict[str, Any]) -> dict[str, Any]:
        return executor.execute(Call.model_validate(call)).model_dump(mode="json")

    members: dict[str, Any] = {"name": runtime.names.service(runtime.name), METHOD: rpc(execute)}
    if runtime.service.sources(SOURCES):
        members["inbox"] = InboxConsumer(runtime)
        members["inbox_tick"] = _timer("inbox_tick", TICK_SECONDS, Inbox(runtime).tick)
        members["inbox_repair"] = _timer("inbox_repair", repairing.EVERY_SECONDS, _repair(runtime))
        members["inbox_watch"] = _timer(
            "inbox_watch", watching.EVERY_SECONDS, lambda: watching.watch_inbox(runtime)
        )
    for timer in runtime.service.timers:
        members[f"timer_{timer.name}"] = _timer(timer.name, timer.every.total_seconds(), _run(runtime, timer))
    return type(f"{runtime.name.title()}Service", (), members)


def _run(runtime: Runtime, timer: Timer) -> Callable[[], object]:
    return lambda: timers.run_once(runtime, timer)


def _repair(runtime: Runtime) -> Callable[[], object]:
    inbox = Inbox(runtime)
    return lambda: repairing.repair(runtime, inbox)


def _timer(name: str, seconds: float, run: Callable[[], object]) -> Any:
    def tick(self: object) -> None:
        try:
            run()
        except Exception as error:  # nameko would log the message too, which may quote a row
            logger().error("timer_failed", timer=name, error=error)

    tick.__name__ = name
    return nameko_timer(interval=seconds)(tick)


def serve(service: Service, settings: Settings, stop: threading.Event) -> None:
    """Host the service until `stop` is set."""
    runtime = over_broker(service, settings, pool_size=MAX_WORKERS)
    Wire(runtime.keys.key("rpc")).register()
    runner = ServiceRunner(
        {
            "AMQP_URI": settings.broker_url.get_secret_value(),
            "rpc_exchange": runtime.names.rpc_exchange,
            "serializer": SERIALIZER,
            "max_workers": MAX_WORKERS,
        }
    )
    runner.add_service(service_class(runtime))
    runner.start()
    logger().info("serving", service=service.name)
    living = eventlet.spawn(runner.wait)
    while not stop.is_set():
        if living.dead:  # nameko ends the container, not the process, if the broker goes while a reply is under way
            logger().error("container_died", service=service.name)
            raise SystemExit(1)
        eventlet.sleep(0.1)
    runner.stop()
    runtime.database.close()
