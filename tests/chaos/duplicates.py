"""Real events, delivered once more or too early: straight into the inbox queues, in any order."""

from random import Random

import pika
import psycopg2

from chassis.namespace import Namespace
from tests.chaos.checker import Consumer

SENT = """
    select body from outbox where not exists (select from outbox_unsent u where u.id = outbox.id)
    order by id desc limit %s
"""
UNSENT = "select body from outbox join outbox_unsent using (id) order by id desc limit %s"


def bodies(consumer: Consumer, newest: int, which: str = SENT) -> list[bytes]:
    """The newest events that were sent to a consumer, or (UNSENT) that its sources have still to send; newest first."""
    found = []
    for database in consumer.sources.values():
        connection = psycopg2.connect(database)
        with connection, connection.cursor() as cursor:
            cursor.execute(which, (newest,))
            found += [str(body).encode() for (body,) in cursor.fetchall()]
        connection.close()
    return found


def deliver_again(broker_url: str, names: Namespace, consumer: Consumer, random: Random, count: int) -> int:
    """Publish `count` of the newest events to one consumer's queue; how many the queue took."""
    known = bodies(consumer, newest=40)
    if not known:
        return 0
    with pika.BlockingConnection(pika.URLParameters(broker_url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        taken = 0
        for body in random.choices(known, k=count):
            taken += _published(channel, names.inbox_queue(consumer.name), body)
        return taken


def deliver_early(broker_url: str, names: Namespace, consumer: Consumer) -> int:
    """Publish what the relay has not sent yet to one consumer's queue, the newest first; how many the queue took."""
    with pika.BlockingConnection(pika.URLParameters(broker_url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        return sum(
            _published(channel, names.inbox_queue(consumer.name), body) for body in bodies(consumer, 200, UNSENT)
        )


def flood(broker_url: str, names: Namespace, consumer: Consumer, random: Random, count: int) -> None:
    """The same without asking whether the queue takes them: to fill it."""
    known = bodies(consumer, newest=40)
    with pika.BlockingConnection(pika.URLParameters(broker_url)) as connection:
        channel = connection.channel()
        properties = pika.BasicProperties(content_type="application/cloudevents+json", delivery_mode=2)
        for body in random.choices(known, k=count) if known else ():
            channel.basic_publish("", names.inbox_queue(consumer.name), body, properties)


def _published(channel: pika.adapters.blocking_connection.BlockingChannel, queue: str, body: bytes) -> bool:
    properties = pika.BasicProperties(content_type="application/cloudevents+json", delivery_mode=2)
    try:
        channel.basic_publish("", queue, body, properties, mandatory=True)
    except (pika.exceptions.NackError, pika.exceptions.UnroutableError):
        return False
    return True
