"""The bare round trip beside the latency: published to the same kind of queue, confirmed and consumed. A process."""

import json
import sys
import time
from typing import Any

import pika
from pika.adapters.select_connection import SelectConnection

from chassis.namespace import Namespace
from chassis.settings import Settings
from tests.load.backbone.telling import tell


class RoundTrip:
    """Publishes at a steady pace; a message is home when it is both confirmed and consumed."""

    def __init__(self, settings: Settings, per_second: float, seconds: float) -> None:
        self._queue = Namespace(settings.namespace).inbox_queue("bare")
        self._pause, self._count = 1 / per_second, int(per_second * seconds)
        self._body = tell(1, 1)[0].body.encode()
        self._properties = pika.BasicProperties(content_type="application/json", delivery_mode=2)
        self._left: dict[int, float] = {}
        self._half: set[int] = set()
        self._sent = 0
        self.took: list[float] = []
        self.connection = SelectConnection(
            pika.URLParameters(settings.broker_url.get_secret_value()),
            on_open_callback=lambda connection: connection.channel(on_open_callback=self._opened),
            on_close_callback=lambda connection, _reason: connection.ioloop.stop(),
        )

    def _opened(self, channel: Any) -> None:
        self._channel = channel
        channel.basic_consume(self._queue, self._take, callback=lambda _frame: self._confirm())

    def _confirm(self) -> None:
        self._channel.confirm_delivery(self._confirmed, callback=lambda _frame: self._begin())

    def _begin(self) -> None:
        self._start = time.perf_counter()
        self._publish()

    def _publish(self) -> None:
        self._sent += 1
        self._left[self._sent] = time.perf_counter()
        properties = pika.BasicProperties(
            content_type="application/json", delivery_mode=2, message_id=str(self._sent)
        )
        self._channel.basic_publish("", self._queue, self._body, properties, mandatory=True)
        if self._sent < self._count:
            due = self._start + self._sent * self._pause - time.perf_counter()
            self.connection.ioloop.call_later(max(0.0, due), self._publish)

    def _take(self, channel: Any, method: Any, properties: Any, _body: bytes) -> None:
        channel.basic_ack(method.delivery_tag)
        self._home(int(properties.message_id))

    def _confirmed(self, frame: Any) -> None:
        tag = frame.method.delivery_tag
        for number in [n for n in self._left if n <= tag] if frame.method.multiple else [tag]:
            self._home(-number)

    def _home(self, number: int) -> None:
        if -number not in self._half:
            self._half.add(number)
            return
        self._half.discard(-number)
        self.took.append(time.perf_counter() - self._left.pop(abs(number)))
        if len(self.took) == self._count:
            self.connection.close()


def main() -> None:
    """`<messages per second> <seconds>`; prints the round trips in milliseconds."""
    trip = RoundTrip(Settings(), float(sys.argv[1]), float(sys.argv[2]))
    trip.connection.ioloop.start()
    sys.stdout.write(json.dumps({"milliseconds": [took * 1000 for took in trip.took]}) + "\n")


if __name__ == "__main__":
    main()
