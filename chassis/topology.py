"""What stands on the broker: the event exchange, one durable quorum queue per consumer, and its dead letters.

Only features that RabbitMQ 3.10 and 4.x both have.
"""

from collections.abc import Iterable

from amqp.exceptions import NotFound
from kombu import Connection, Exchange, Queue

from chassis.namespace import Namespace

MAX_LENGTH = 1_000_000
DELIVERY_LIMIT = 1_000_000
"""Not -1: that loses messages on 3.10; 4.x would default to 20."""


def events_exchange(names: Namespace) -> Exchange:
    """All events pass here; the routing key is the event's type."""
    return Exchange(names.events_exchange, type="topic", durable=True)


def rpc_exchange(names: Namespace) -> Exchange:
    """Commands and queries pass here."""
    return Exchange(names.rpc_exchange, type="topic", durable=True)


def inbox_queue(names: Namespace, consumer: str) -> Queue:
    """A consumer's queue: full means the publisher is told, never that something is dropped."""
    return Queue(
        names.inbox_queue(consumer),
        durable=True,
        queue_arguments={
            "x-queue-type": "quorum",
            "x-max-length": MAX_LENGTH,
            "x-overflow": "reject-publish",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": names.dead_exchange,
            "x-dead-letter-routing-key": consumer,
        },
    )


def dead_letters_queue(names: Namespace, consumer: str, exchange: Exchange) -> Queue:
    """Where a consumer's dead letters lie. Looking at one counts as a delivery, and must never use them up."""
    return Queue(
        names.dead_queue(consumer),
        exchange,
        routing_key=consumer,
        queue_arguments={"x-queue-type": "quorum", "x-delivery-limit": DELIVERY_LIMIT},
    )


def declare(connection: Connection, names: Namespace, consumers: dict[str, Iterable[str]]) -> None:
    """Make exchanges and queues, bound by source. `consumers`: consumer -> sources. Declaring again changes nothing.

    The dead-letter queue comes last: where it stands, the consumer's bindings stand (see `absent`).
    """
    channel = connection.channel()
    events = events_exchange(names)(channel)
    events.declare()
    rpc_exchange(names)(channel).declare()
    dead = Exchange(names.dead_exchange, type="direct", durable=True)(channel)
    dead.declare()
    for consumer, sources in consumers.items():
        queue = inbox_queue(names, consumer)(channel)
        queue.declare()
        for source in sorted(sources):
            queue.bind_to(events.name, routing_key=f"{source}.#")
        dead_letters_queue(names, consumer, dead)(channel).declare()
    channel.close()


def absent(connection: Connection, names: Namespace, consumers: Iterable[str]) -> list[str]:
    """The consumers that have not bound their queue on this broker: what is published now, they would never get.

    Asks passively, which needs no rights.
    """
    missing = []
    for consumer in consumers:
        channel = connection.channel()
        try:
            channel.queue_declare(names.dead_queue(consumer), passive=True)
            channel.close()
        except NotFound:
            missing.append(consumer)
    return missing


def remove(connection: Connection, names: Namespace, consumers: Iterable[str]) -> None:
    """Take an installation off the broker again (stories and tests). Every consumer is hosted, so each has calls too."""
    channel = connection.channel()
    for consumer in consumers:
        remove_consumer(connection, names, consumer)
        channel.queue_delete(f"rpc-{names.service(consumer)}")
    for exchange in (names.events_exchange, names.rpc_exchange, names.dead_exchange):
        channel.exchange_delete(exchange)
    channel.close()


def remove_consumer(connection: Connection, names: Namespace, consumer: str) -> None:
    """Take one consumer's queues off the broker, with what lies in them."""
    channel = connection.channel()
    channel.queue_delete(names.inbox_queue(consumer))
    channel.queue_delete(names.dead_queue(consumer))
    channel.close()
