"""Theirs: a bare batch consumer on pika and psycopg2. No order, no memory of what was applied; only as fast as it gets.

Batches of 100, one INSERT and one UPDATE per event, one transaction per batch, one acknowledgement after the commit.
"""

import json
import signal
from typing import Any

import pika
import psycopg2
from pika.adapters.select_connection import SelectConnection

from chassis.addresses import app_url
from chassis.namespace import Namespace
from chassis.settings import Settings
from tests.load.backbone import bench_service

BATCH = 100
GATHER_SECONDS = 0.020
INSERT = bench_service.INSERT.format("%s", "%s", "%s")
UPDATE = bench_service.UPDATE.format("%s", "%s")


class BareConsumer:
    """Collects messages and applies them a batch at a time."""

    def __init__(self, settings: Settings) -> None:
        self._queue = Namespace(settings.namespace).inbox_queue("bare")
        url = app_url(settings, "activities").set(drivername="postgresql")
        self._database = psycopg2.connect(url.render_as_string(hide_password=False))
        self._held: list[tuple[int, bytes]] = []
        self.connection = SelectConnection(
            pika.URLParameters(settings.broker_url.get_secret_value()),
            on_open_callback=lambda connection: connection.channel(on_open_callback=self._opened),
            on_close_callback=lambda connection, _reason: connection.ioloop.stop(),
        )

    def _opened(self, channel: Any) -> None:
        self._channel = channel
        channel.basic_qos(prefetch_count=BATCH * 2, callback=lambda _frame: self._consume())

    def _consume(self) -> None:
        self._channel.basic_consume(self._queue, self._take)

    def _take(self, _channel: Any, method: Any, _properties: Any, body: bytes) -> None:
        if not self._held:
            self.connection.ioloop.call_later(GATHER_SECONDS, self._apply)
        self._held.append((method.delivery_tag, body))
        if len(self._held) >= BATCH:
            self._apply()

    def _apply(self) -> None:
        if not self._held:
            return
        with self._database, self._database.cursor() as cursor:
            for _, body in self._held:
                event = json.loads(body)
                cursor.execute(INSERT, (event["id"], event["subject"], event["data"]["left_on"]))
                cursor.execute(UPDATE, (event["data"]["left_on"], event["subject"]))
        self._channel.basic_ack(self._held[-1][0], multiple=True)
        self._held.clear()


def main() -> None:
    """Consume until SIGTERM."""
    consumer = BareConsumer(Settings())
    signal.signal(signal.SIGTERM, lambda *_: consumer.connection.ioloop.add_callback_threadsafe(_stop(consumer)))
    consumer.connection.ioloop.start()


def _stop(consumer: BareConsumer) -> Any:
    return consumer.connection.close


if __name__ == "__main__":
    main()
