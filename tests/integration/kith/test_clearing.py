"""A story leaves nothing behind on servers that it shares with others."""

from amqp.exceptions import NotFound
from kombu import Connection

from chassis import topology
from chassis.namespace import Namespace
from kith import clearing
from kith.registry import CONSUMERS
from tests.support.hosting import settings_for


def standing(connection: Connection, queues: list[str]) -> list[str]:
    """Those of the queues that the broker has."""
    found = []
    for queue in queues:
        channel = connection.channel()
        try:
            channel.queue_declare(queue, passive=True)
            channel.close()
            found.append(queue)
        except NotFound:
            continue
    return found


def test_no_queue_of_a_cleared_installation_is_left(
    database_server: str, broker_server: str, namespace: str
) -> None:
    settings = settings_for(database_server, f"{namespace}gone", broker_url=broker_server, mode="broker")
    names = Namespace(settings.namespace)
    calls = [f"rpc-{names.service(consumer)}" for consumer in CONSUMERS]
    inboxes = [names.inbox_queue(consumer) for consumer in CONSUMERS]
    with Connection(broker_server) as connection:
        topology.declare(connection, names, {consumer: ["pairing"] for consumer in CONSUMERS})
        for queue in calls:  # as nameko declares them
            connection.channel().queue_declare(queue, durable=True, auto_delete=False)
        assert standing(connection, [*calls, *inboxes]) == [*calls, *inboxes]
        clearing.clear(settings)
        assert standing(connection, [*calls, *inboxes]) == []
