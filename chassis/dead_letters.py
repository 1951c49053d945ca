"""A consumer's dead letters: what it could not decode. Look at them without losing any; send them to its inbox again.

The way back leads through the dead-letter exchange: the broker lets a consumer's user publish there, and nowhere else.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import pika
from pika.exceptions import AMQPError, ChannelClosedByBroker, NackError, UnroutableError

from chassis.decoding import Undecodable, decode
from chassis.namespace import Namespace
from chassis.settings import Settings

TIMEOUT_SECONDS = 5.0
T = TypeVar("T")
FORBIDDEN, NOT_FOUND = 403, 404
OF_ITS_DEATH = ("x-death", "x-first-death-exchange", "x-first-death-queue", "x-first-death-reason")


class BrokerAway(Exception):
    """The broker does not answer."""


class NoRight(Exception):
    """The broker does not let this process's user at that consumer's queues."""


class NoQueue(Exception):
    """The consumer has no such queue on this broker: it never ran there."""


class BrokerRefused(Exception):
    """The broker did not take a message back into the inbox; it is still a dead letter."""


@dataclass(frozen=True)
class DeadLetter:
    """One message that was no event to its consumer. Its body is never shown: nobody knows what is in it."""

    consumer: str
    routing_key: str
    reason: str
    died_at: datetime | None
    size: int
    sha256: str
    event_id: str | None
    """None where it cannot be decoded now either."""

    type: str | None
    subject: str | None


@dataclass(frozen=True)
class Requeued:
    """What became of the dead letters of one consumer."""

    moved: int
    left: int


class DeadLetters:
    """The dead letters of an installation. For a `with`; BrokerAway if the broker does not answer."""

    def __init__(self, settings: Settings) -> None:
        self._names = Namespace(settings.namespace)
        self._parameters = pika.URLParameters(settings.broker_url.get_secret_value())
        self._parameters.socket_timeout = self._parameters.blocked_connection_timeout = TIMEOUT_SECONDS
        self._parameters.stack_timeout = TIMEOUT_SECONDS

    def __enter__(self) -> Self:
        try:
            self._connection = pika.BlockingConnection(self._parameters)
        except (AMQPError, OSError) as error:
            raise BrokerAway(f"{self._parameters.host}:{self._parameters.port}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection.is_open:
            self._connection.close()

    def count(self, consumer: str) -> int:
        """How many there are. Needs no rights."""
        return self._messages(self._names.dead_queue(consumer))

    def waiting(self, consumer: str) -> int:
        """How many messages lie in the consumer's inbox on the broker and are with nobody. Needs no rights."""
        return self._messages(self._names.inbox_queue(consumer))

    def look(self, consumer: str, limit: int) -> list[DeadLetter]:
        """The first `limit`; all of them go back to where they were."""
        return self._with_channel(lambda channel: self._look(channel, consumer, limit))

    def requeue(self, consumer: str, limit: int, *, undecodable: bool = False) -> Requeued:
        """Move up to `limit` back into the consumer's inbox: those that decode now, or all.

        Each is acknowledged only after the broker has confirmed that the inbox has it. Killed in between, it is in
        both, and the inbox drops one of two.
        """
        return self._with_channel(lambda channel: self._move(channel, consumer, limit, undecodable))

    def _messages(self, queue: str) -> int:
        def ask(channel: Any) -> int:
            return int(channel.queue_declare(queue, passive=True).method.message_count)

        return self._with_channel(ask)

    def _with_channel(self, do: Callable[[Any], T]) -> T:
        try:
            channel = self._connection.channel()
            found = do(channel)
            channel.close()
        except ChannelClosedByBroker as closed:
            raise {FORBIDDEN: NoRight, NOT_FOUND: NoQueue}.get(closed.reply_code, BrokerAway)(
                closed.reply_text
            ) from closed
        except (AMQPError, OSError) as error:
            raise BrokerAway(type(error).__name__) from error
        return found

    def _look(self, channel: Any, consumer: str, limit: int) -> list[DeadLetter]:
        found, last = [], 0
        for method, properties, body in self._taken(channel, consumer, limit):
            found.append(_letter(consumer, properties, body))
            last = method.delivery_tag
        _give_back(channel, last)
        return found

    def _move(self, channel: Any, consumer: str, limit: int, undecodable: bool) -> Requeued:
        again = f"{consumer}.again"
        channel.queue_bind(self._names.inbox_queue(consumer), self._names.dead_exchange, again)
        channel.confirm_delivery()
        moved = left = last_left = 0
        for method, properties, body in self._taken(channel, consumer, limit):
            if undecodable or _decodes(body):
                self._publish(channel, again, properties, body)
                channel.basic_ack(method.delivery_tag)
                moved += 1
            else:
                left, last_left = left + 1, method.delivery_tag
        _give_back(channel, last_left)
        return Requeued(moved, left)

    def _publish(self, channel: Any, routing_key: str, properties: Any, body: bytes) -> None:
        headers = {name: value for name, value in (properties.headers or {}).items() if name not in OF_ITS_DEATH}
        properties.headers = headers
        properties.delivery_mode = 2
        try:
            channel.basic_publish(self._names.dead_exchange, routing_key, body, properties, mandatory=True)
        except (UnroutableError, NackError) as refused:
            raise BrokerRefused(type(refused).__name__) from refused

    def _taken(self, channel: Any, consumer: str, limit: int) -> Iterator[tuple[Any, Any, bytes]]:
        """Not more than were there at first: what is rejected again meanwhile is not taken twice."""
        queue = self._names.dead_queue(consumer)
        there = channel.queue_declare(queue, passive=True).method.message_count
        for _ in range(min(there, limit)):
            method, properties, body = channel.basic_get(queue)
            if method is None:
                return
            yield method, properties, body


def _give_back(channel: Any, last: int) -> None:
    if last:
        channel.basic_nack(last, multiple=True, requeue=True)


def _decodes(body: bytes) -> bool:
    try:
        decode(body)
    except Undecodable:
        return False
    return True


def _letter(consumer: str, properties: Any, body: bytes) -> DeadLetter:
    deaths = (properties.headers or {}).get("x-death") or [{}]
    keys = deaths[0].get("routing-keys") or ["?"]
    died = deaths[0].get("time")
    try:
        event = decode(body)
    except Undecodable:
        event = None
    return DeadLetter(
        consumer=consumer,
        routing_key=_printable(str(keys[0])),
        reason=str(deaths[0].get("reason", "?")),
        died_at=died.replace(tzinfo=UTC) if died else None,
        size=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
        event_id=str(event.id) if event else None,
        type=_printable(event.type) if event else None,
        subject=_printable(event.subject) if event else None,
    )


def _printable(text: str) -> str:
    """Who could publish this could also try to steer an operator's terminal."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)[:120]
