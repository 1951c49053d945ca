"""The relay: takes unsent events from a service's outbox to the broker, with pipelined confirms.

A plain process without eventlet. One advisory lock per service keeps a second relay idle; it is woken by NOTIFY
and looks every 100 ms besides. A row is marked sent only after the broker has confirmed it; a nack or a return
leaves it unsent and backs off.
"""

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pika
import psycopg2
import sqlalchemy as sa
from amqp.exceptions import AMQPError as BrokerError
from kombu import Connection
from pika.adapters.select_connection import SelectConnection
from pika.exceptions import AMQPError

from chassis import fingerprint, outbox, topology
from chassis.addresses import app_url
from chassis.crash_points import reached
from chassis.logging import logger
from chassis.metrics import OUTBOX_OLDEST, SentMeter
from chassis.namespace import Namespace
from chassis.settings import Settings

BATCH = 1000
POLL_SECONDS = 0.1
SETTLE_SECONDS = 0.012
"""Writers send at most one NOTIFY in 10 ms: after a batch, look once more for what came without one."""

BACKOFF_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
CONFIRM_SECONDS = 30.0
PIECES = 150
"""Frames that are written at once: about fifty messages."""

LOCK_KEY = 0x4B495448  # "KITH"


@dataclass(frozen=True)
class _Batch:
    """Rows that were published together, the last one's delivery tag, and when."""

    rows: Sequence[outbox.Unsent]
    last_tag: int
    since: float


NOTHING = _Batch((), 0, 0.0)


class Relay:
    """Relays one service's outbox until told to stop. Runs in its own thread.

    Nothing is published before every one of `consumers` has bound its queue on this broker: the broker would not
    say that one of several is missing.
    """

    def __init__(
        self, service: str, settings: Settings, stop: threading.Event, consumers: Sequence[str] = ()
    ) -> None:
        self._consumers = consumers
        self._service = service
        self._settings = settings
        self._names = Namespace(settings.namespace)
        self._meter = SentMeter(service, settings, self._names.events_exchange)
        self._stop = stop
        self._failures = 0
        self._waits = False

    def run(self) -> None:
        """Connect, relay, and on any trouble with broker or database wait and begin again."""
        while not self._stop.is_set():
            try:
                self._session()
            except (AMQPError, BrokerError, sa.exc.DBAPIError, psycopg2.Error, OSError) as error:
                delay = self._back_off()
                logger().warning("relay_waits", service=self._service, seconds=delay, error=error)
                self._stop.wait(delay)

    def _back_off(self) -> float:
        delay = BACKOFF_SECONDS[min(self._failures, len(BACKOFF_SECONDS) - 1)]
        self._failures += 1
        return delay

    def _session(self) -> None:
        engine = sa.create_engine(app_url(self._settings, self._service), isolation_level="AUTOCOMMIT", pool_size=1)
        try:
            with engine.connect() as connection:
                if fingerprint.restored(connection):
                    logger().error("database_restored", service=self._service)
                    self._stop.wait(BACKOFF_SECONDS[-2])
                    return
                if not self._owns_the_outbox(connection):
                    self._stop.wait(1)
                    return
                if not self._all_listen():
                    self._stop.wait(0.2)
                    return
                connection.exec_driver_sql("listen kith_outbox")
                with _Publisher(self._settings, self._names) as publisher:
                    self._relay(connection, publisher)
        finally:
            engine.dispose()

    def _owns_the_outbox(self, connection: sa.Connection) -> bool:
        return bool(connection.scalar(sa.text("select pg_try_advisory_lock(:key)"), {"key": LOCK_KEY}))

    def _all_listen(self) -> bool:
        if not self._consumers:
            return True
        with Connection(self._settings.broker_url.get_secret_value(), connect_timeout=5) as broker:
            missing = topology.absent(broker, self._names, self._consumers)
        if missing and not self._waits:
            logger().warning("relay_waits_for_consumers", service=self._service, consumers=missing)
        self._waits = bool(missing)
        return not missing

    def _relay(self, connection: sa.Connection, publisher: "_Publisher") -> None:
        """While the broker takes one batch, the one before is marked and the one after claimed."""
        on_the_way = NOTHING
        idle = POLL_SECONDS
        while not self._stop.is_set():
            rows = outbox.unsent(connection, BATCH, on_the_way.rows)
            if rows:
                reached("relay.publish")
            before, on_the_way = on_the_way, publisher.publish(rows)
            refused = self._settle(connection, publisher, before)
            if refused:
                refused += self._settle(connection, publisher, on_the_way)
                on_the_way = NOTHING
                self._refused(connection, refused)
            elif before.rows:
                self._failures = 0
            if rows:
                idle = SETTLE_SECONDS
                continue
            OUTBOX_OLDEST.labels(self._service).set(0)
            publisher.wait_for(connection, idle)
            idle = POLL_SECONDS
        self._settle(connection, publisher, on_the_way)

    def _settle(self, connection: sa.Connection, publisher: "_Publisher", batch: "_Batch") -> int:
        """Wait for the broker's word on these and mark what it took; how many it refused."""
        if not batch.rows:
            return 0
        taken = publisher.taken(batch)
        refused = len(batch.rows) - len(taken)
        self._meter.sent(len(taken), refused, time.perf_counter() - batch.since)
        reached("relay.confirm")
        publisher.flush()
        outbox.mark_sent(connection, taken)
        publisher.flush()
        reached("relay.mark")
        return refused

    def _refused(self, connection: sa.Connection, events: int) -> None:
        OUTBOX_OLDEST.labels(self._service).set(outbox.oldest_age_seconds(connection))
        delay = self._back_off()
        logger().error("broker_refused_events", service=self._service, refused=events, seconds=delay)
        self._stop.wait(delay)


class _GatheringConnection(SelectConnection):  # type: ignore[misc,unused-ignore]
    """Joins what a batch writes: by itself pika makes three system calls for each message."""

    _pieces: list[bytes] | None = None

    @contextlib.contextmanager
    def gathering(self) -> Iterator[None]:
        """Keep back what is written, and write it in large pieces, all of it by the end."""
        self._pieces = []
        try:
            yield
        finally:
            left, self._pieces = b"".join(self._pieces), None
            if left:
                super()._adapter_emit_data(left)

    def _adapter_emit_data(self, data: bytes) -> None:
        if self._pieces is None:
            super()._adapter_emit_data(data)
            return
        self._pieces.append(data)
        if len(self._pieces) >= PIECES:
            super()._adapter_emit_data(b"".join(self._pieces))
            self._pieces.clear()


class _Publisher:
    """A SelectConnection driven step by step from the relay's thread."""

    def __init__(self, settings: Settings, names: Namespace) -> None:
        self._url = settings.broker_url.get_secret_value()
        self._exchange = names.events_exchange
        self._failed: BaseException | None = None
        self._channel: Any = None
        self._outstanding: dict[int, int] = {}
        self._refused: set[int] = set()
        self._returned: set[bytes] = set()

    def __enter__(self) -> "_Publisher":
        self._connection = _GatheringConnection(
            pika.URLParameters(self._url),
            on_open_callback=lambda connection: connection.channel(on_open_callback=self._opened),
            on_open_error_callback=self._closed,
            on_close_callback=self._closed,
        )
        self._loop = self._connection.ioloop
        self._loop.activate_poller()
        self._turn_until(lambda: self._channel is not None, CONFIRM_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection.is_open:
            self._connection.close()
            with contextlib.suppress(AMQPError, OSError):
                self._turn_until(lambda: self._connection.is_closed, 2)
        self._loop.deactivate_poller()
        self._loop.close()

    def _opened(self, channel: Any) -> None:
        channel.add_on_return_callback(self._on_return)
        channel.add_on_close_callback(self._closed)
        channel.confirm_delivery(self._on_confirm, callback=lambda _frame: setattr(self, "_channel", channel))

    def _closed(self, _where: Any, reason: Any) -> None:
        self._failed = reason if isinstance(reason, BaseException) else AMQPError(str(reason))

    def _on_return(self, _channel: Any, _method: Any, _properties: Any, body: bytes) -> None:
        self._returned.add(body)

    def _on_confirm(self, frame: Any) -> None:
        method, acked = frame.method, isinstance(frame.method, pika.spec.Basic.Ack)
        if not method.multiple:
            self._settle(method.delivery_tag, acked)
            return
        while self._outstanding and (oldest := next(iter(self._outstanding))) <= method.delivery_tag:
            self._settle(oldest, acked)

    def _settle(self, tag: int, acked: bool) -> None:
        row = self._outstanding.pop(tag)
        if not acked:
            self._refused.add(row)

    def publish(self, rows: Sequence[outbox.Unsent]) -> _Batch:
        """Hand all to the broker; `taken` tells what became of them."""
        since = time.perf_counter()
        self._outstanding.update((self._next_tag + offset, row.id) for offset, row in enumerate(rows))
        self._next_tag += len(rows)
        with self._connection.gathering():
            for row in rows:
                self._publish(row)
        return _Batch(rows, self._next_tag - 1, since)

    def taken(self, batch: _Batch) -> list[outbox.Unsent]:
        """Wait for the broker's word on each; those it took. Of a message that comes back it tells before it confirms."""
        self._turn_until(lambda: next(iter(self._outstanding), self._next_tag) > batch.last_tag, CONFIRM_SECONDS)
        taken = [row for row in batch.rows if row.id not in self._refused]
        if self._returned:
            taken = [row for row in taken if row.body.encode() not in self._returned]
            self._returned.difference_update(row.body.encode() for row in batch.rows)
        self._refused.difference_update(row.id for row in batch.rows)
        return taken

    def flush(self) -> None:
        """Pass on what the socket takes by now, without waiting."""
        self._turn(0)

    def _publish(self, row: outbox.Unsent) -> None:
        headers = None if row.traceparent is None else {"traceparent": row.traceparent}
        self._channel.basic_publish(
            self._exchange,
            row.type,
            row.body.encode(),
            pika.BasicProperties(content_type="application/cloudevents+json", delivery_mode=2, headers=headers),
            mandatory=True,
        )

    _next_tag = 1

    def wait_for(self, connection: sa.Connection, seconds: float) -> None:
        """Serve heartbeats until a NOTIFY comes or the time is over."""
        raw: Any = connection.connection.dbapi_connection
        self._loop.add_handler(raw.fileno(), lambda _fd, _events: raw.poll(), self._loop.READ)
        try:
            end = time.monotonic() + seconds
            while not raw.notifies and (left := end - time.monotonic()) > 0:
                self._turn(left)
        finally:
            self._loop.remove_handler(raw.fileno())
            raw.notifies.clear()

    def _turn_until(self, done: Any, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not done():
            if self._failed is not None:
                raise self._failed
            if time.monotonic() > end:
                raise OSError("the broker did not confirm in time")
            self._turn(0.05)

    def _turn(self, seconds: float) -> None:
        timeout = self._loop.call_later(seconds, lambda: None)
        self._loop.poll()
        self._loop.process_timeouts()
        self._loop.remove_timeout(timeout)
        if self._failed is not None:
            raise self._failed
