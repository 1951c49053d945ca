"""Theirs: a bare pipelined publisher on pika's SelectConnection with publisher confirms. Fills queues, too.

As a process it takes a file of bodies, an exchange and a routing key, and prints how long publishing took until the
last confirm.
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pika
from pika.adapters.select_connection import SelectConnection

from chassis.settings import Settings

WINDOW = 2_000
"""Messages under way at a time; more is not faster and only fills buffers."""


class Publisher:
    """Publishes all bodies persistent and mandatory, keeping a window of them unconfirmed."""

    def __init__(self, url: str, exchange: str, key: str, bodies: Sequence[bytes], content_type: str) -> None:
        self._to = (exchange, key)
        self._bodies = bodies
        self._properties = pika.BasicProperties(content_type=content_type, delivery_mode=2)
        self._next = 0
        self._open = 0
        self._confirmed_up_to = 0
        self._early: set[int] = set()
        self.started = self.ended = 0.0
        self.failed: object = None
        self._connection = SelectConnection(
            pika.URLParameters(url),
            on_open_callback=lambda connection: connection.channel(on_open_callback=self._opened),
            on_open_error_callback=self._end,
            on_close_callback=lambda connection, _reason: connection.ioloop.stop(),
        )

    def run(self) -> float:
        """Publish; seconds from the first message to the last confirm."""
        self._connection.ioloop.start()
        if self.failed is not None or self._confirmed_up_to < len(self._bodies):
            raise RuntimeError(f"not everything was confirmed: {self.failed}")
        return self.ended - self.started

    def _opened(self, channel: Any) -> None:
        self._channel = channel
        channel.add_on_return_callback(lambda *_: self._end(self._connection, "returned"))
        channel.confirm_delivery(self._confirmed, callback=lambda _frame: self._begin())

    def _begin(self) -> None:
        self.started = time.perf_counter()
        self._publish()

    def _publish(self) -> None:
        exchange, key = self._to
        limit = min(len(self._bodies), self._confirmed_up_to + WINDOW)
        while self._next < limit:
            self._channel.basic_publish(exchange, key, self._bodies[self._next], self._properties, mandatory=True)
            self._next += 1

    def _confirmed(self, frame: Any) -> None:
        if not isinstance(frame.method, pika.spec.Basic.Ack):
            self._end(self._connection, "nack")
            return
        self._note(frame.method.delivery_tag, frame.method.multiple)
        if self._confirmed_up_to == len(self._bodies):
            self.ended = time.perf_counter()
            self._connection.close()
        elif self._next - self._confirmed_up_to < WINDOW // 2:
            self._publish()

    def _note(self, tag: int, multiple: bool) -> None:
        if multiple:
            self._confirmed_up_to = max(self._confirmed_up_to, tag)
        else:
            self._early.add(tag)
        while self._confirmed_up_to + 1 in self._early:
            self._confirmed_up_to += 1
            self._early.discard(self._confirmed_up_to)

    def _end(self, connection: Any, reason: object) -> None:
        self.failed = reason
        if connection.is_open:
            connection.close()
        else:
            connection.ioloop.stop()


def fill(url: str, queue: str, bodies: Sequence[bytes]) -> None:
    """Put bodies into a queue; returns when the broker has them all."""
    Publisher(url, "", queue, bodies, "application/json").run()


def main() -> None:
    """`<file of bodies> <exchange> <routing key>`."""
    file, exchange, key = sys.argv[1:]
    bodies = Path(file).read_bytes().splitlines()
    publisher = Publisher(
        Settings().broker_url.get_secret_value(), exchange, key, bodies, "application/cloudevents+json"
    )
    before = time.process_time()
    seconds = publisher.run()
    sys.stdout.write(json.dumps({"seconds": seconds, "cpu_seconds": time.process_time() - before}) + "\n")


if __name__ == "__main__":
    main()
