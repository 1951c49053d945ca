"""The distributed host: makes a nameko service of a table of contents. Import it only after eventlet has patched."""

import threading
from collections.abc import Callable
from typing import Any

import eventlet
from kombu import Connection, Consumer
from nameko.extensions import DependencyProvider
from nameko.rpc import rpc
from nameko.runners import ServiceRunner
from nameko.timer import timer as nameko_timer

from chassis import timers, topology, watching
from chassis.execution import Call, LocalExecutor
from chassis.hosts.runtimes import over_broker
from chassis.inbox import Inbox, Undecodable, decode
from chassis.logging import logger
from chassis.rpc import METHOD, SERIALIZER, Wire
from chassis.runtime import Runtime
from chassis.service import Service, Timer
from chassis.settings import Settings
from contracts.catalogue import SOURCES
from contracts.envelope import Envelope

BATCH = 100
GATHER_SECONDS = 0.020
MAX_WORKERS = 10
TICK_SECONDS = 1.0


class InboxConsumer(DependencyProvider):  # type: ignore[misc]
    """Feeds the inbox from its queue: up to 100 messages, or what came within 20 ms of the first."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
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
                logger().warning("inbox_reconnects", consumer=self._runtime.service.name, error=error)
                eventlet.sleep(1)

    def _consume(self, inbox: Inbox) -> None:
        names, name = self._runtime.names, self._runtime.service.name
        url = self._runtime.settings.broker_url.get_secret_value()
        with Connection(url, heartbeat=60, connect_timeout=5) as connection:
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
        with eventlet.Timeout(GATHER_SECONDS, False):
            while len(held) < BATCH:
                connection.drain_events(timeout=GATHER_SECONDS)

    def _apply(self, inbox: Inbox, channel: Any, held: list[Any]) -> None:
        batch: list[Envelope] = []
        taken, held[:] = held[:], []
        for message in taken:
            try:
                batch.append(decode(message.body))
            except Undecodable:
                message.reject()
        inbox.receive(batch)
        for message in taken:
            if not message.acknowledged:
                message.ack()


def _drain(connection: Any, seconds: float) -> None:
    try:
        connection.drain_events(timeout=seconds)
    except TimeoutError:
        return


def service_class(runtime: Runtime) -> type:
    """The nameko class of a service: one RPC entrypoint, its timers, and the inbox."""
    executor = LocalExecutor(runtime)

    def execute(self: object, call: dict[str, Any]) -> dict[str, Any]:
        return executor.execute(Call.model_validate(call)).model_dump(mode="json")

    members: dict[str, Any] = {"name": runtime.names.service(runtime.service.name), METHOD: rpc(execute)}
    if runtime.service.sources(SOURCES):
        members["inbox"] = InboxConsumer(runtime)
        members["inbox_tick"] = _timer("inbox_tick", TICK_SECONDS, Inbox(runtime).tick)
        members["inbox_watch"] = _timer(
            "inbox_watch", watching.EVERY_SECONDS, lambda: watching.watch_inbox(runtime)
        )
    for timer in runtime.service.timers:
        members[f"timer_{timer.name}"] = _timer(timer.name, timer.every.total_seconds(), _run(runtime, timer))
    return type(f"{runtime.service.name.title()}Service", (), members)


def _run(runtime: Runtime, timer: Timer) -> Callable[[], object]:
    return lambda: timers.run_once(runtime, timer)


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
    while not stop.is_set():
        eventlet.sleep(0.1)
    runner.stop()
    runtime.database.close()
