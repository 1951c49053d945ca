"""RabbitMQ as deploy/rabbitmq configures it: TLS with our authority only, and rights no wider than each one's work."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from datetime import date

import amqp
import pika
import pytest
import sqlalchemy as sa
from kombu import Connection
from pika.exceptions import ChannelClosedByBroker, ProbableAuthenticationError

from chassis import topology
from chassis.dead_letters import DeadLetters, NoRight, Requeued
from chassis.execution import Call, Reply
from chassis.ids import new_id
from chassis.keys import Keys
from chassis.relay import Relay
from chassis.rpc import ServiceAway
from chassis.rpc_asyncio import RpcServices
from chassis.service import Service
from chassis.settings import Settings
from chassis.work import transact
from contracts.catalogue import SOURCES
from contracts.pairing import HelperLeft
from kith.registry import CONSUMERS
from tests.contract.test_alerts import OF_RABBITMQ
from tests.support.county_broker import CountyBroker
from tests.support.hosting import prepare_bare, runtimes, settings_for
from tests.support.private_broker import installed_script
from tests.support.servers import broker_missing
from tests.support.toy_service import officer
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def broker(namespace: str) -> Iterator[CountyBroker]:
    if not installed_script():
        broker_missing()
    with CountyBroker(f"{namespace}county") as broker:
        yield broker


@pytest.fixture
def trusting(broker: CountyBroker, monkeypatch: pytest.MonkeyPatch) -> CountyBroker:
    """As in the compose file: SSL_CERT_FILE names the one authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(broker.authority))
    return broker


@pytest.fixture
def declared(trusting: CountyBroker) -> CountyBroker:
    for consumer, service in CONSUMERS.items():
        with Connection(trusting.url_of(consumer)) as connection:
            topology.declare(connection, trusting.names, {consumer: service.sources(SOURCES)})
    return trusting


def channel_of(broker: CountyBroker, user: str) -> pika.adapters.blocking_connection.BlockingChannel:
    channel = pika.BlockingConnection(pika.URLParameters(broker.url_of(user))).channel()
    channel.confirm_delivery()
    return channel


def publishes(broker: CountyBroker, user: str, exchange: str) -> bool:
    channel = channel_of(broker, user)
    try:
        channel.basic_publish(exchange, "pairing.nonsense.v1", b"")
    except ChannelClosedByBroker as error:
        assert error.reply_code == 403
        return False
    finally:
        channel.connection.close()
    return True


def reads(broker: CountyBroker, user: str, queue: str) -> bool:
    channel = channel_of(broker, user)
    try:
        channel.basic_get(queue)
    except ChannelClosedByBroker as error:
        assert error.reply_code == 403
        return False
    finally:
        channel.connection.close()
    return True


def test_each_consumer_may_declare_what_it_needs(declared: CountyBroker) -> None:
    for consumer in CONSUMERS:
        assert reads(declared, consumer, declared.names.inbox_queue(consumer))
        assert reads(declared, consumer, declared.names.dead_queue(consumer))


def test_nobody_reads_the_inbox_of_another(declared: CountyBroker) -> None:
    for user in [*CONSUMERS, "relay", "gateway"]:
        others = [name for name in CONSUMERS if name != user]
        assert not any(reads(declared, user, declared.names.inbox_queue(other)) for other in others)


def dead_letters_as(broker: CountyBroker, user: str) -> DeadLetters:
    return DeadLetters(Settings(namespace=broker.names.name, mode="broker", broker_url=broker.url_of(user)))


def test_a_consumers_process_may_look_at_its_own_dead_letters_and_requeue_them(declared: CountyBroker) -> None:
    names = declared.names
    channel_of(declared, "notify").basic_publish(names.dead_exchange, "notify", b"no event", mandatory=True)
    with dead_letters_as(declared, "notify") as letters:
        assert [letter.size for letter in letters.look("notify", 10)] == [8]
        assert letters.requeue("notify", 10, undecodable=True) == Requeued(moved=1, left=0)
        assert letters.waiting("notify") == 1
    channel_of(declared, "notify").queue_purge(names.inbox_queue("notify"))


def test_any_process_may_count_dead_letters_but_none_may_touch_those_of_another(declared: CountyBroker) -> None:
    for user in ("gateway", "pairing", "relay"):
        with dead_letters_as(declared, user) as letters:
            assert letters.count("notify") == 0
            with pytest.raises(NoRight):
                letters.requeue("notify", 10)


def test_only_the_relay_may_say_events_and_it_may_do_nothing_else(declared: CountyBroker) -> None:
    may = [
        user
        for user in [*CONSUMERS, "relay", "gateway"]
        if publishes(declared, user, declared.names.events_exchange)
    ]
    assert may == ["relay"]
    assert not publishes(declared, "relay", declared.names.rpc_exchange)


def test_there_is_no_guest(trusting: CountyBroker) -> None:
    with pytest.raises(ProbableAuthenticationError):
        pika.BlockingConnection(pika.URLParameters(f"amqps://guest:guest@localhost:{trusting.port}/%2F"))


def test_who_does_not_know_our_authority_does_not_connect(
    broker: CountyBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        pika.BlockingConnection(pika.URLParameters(broker.url_of("gateway")))
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        Connection(broker.url_of("gateway")).connect()


def test_nothing_is_spoken_in_the_clear(broker: CountyBroker) -> None:
    with pytest.raises((OSError, amqp.AMQPError)):
        amqp.Connection(f"localhost:{broker.port}", "gateway", "x", connect_timeout=2, read_timeout=2).connect()


def test_the_metrics_of_the_alerts_are_exposed(declared: CountyBroker) -> None:
    pages = [f"http://127.0.0.1:{declared.metrics_port}/metrics{rest}"
             for rest in ("", "/detailed?vhost=kith&family=queue_coarse_metrics")]  # fmt: skip
    text = "".join(urllib.request.urlopen(page, timeout=10).read().decode() for page in pages)
    assert {name for name in OF_RABBITMQ if f"# TYPE {name} " in text} == OF_RABBITMQ


def test_calls_events_and_replies_pass_with_these_rights_alone(
    trusting: CountyBroker, database_server: str
) -> None:
    """A service hosted by nameko as `pairing`, asked as `gateway`, its event relayed as `relay`."""
    base = settings_for(database_server, trusting.names.name, mode="broker", broker_url=trusting.url_of("pairing"))
    prepare_bare(base, "pairing")
    service = subprocess.Popen(
        [sys.executable, "-m", "tests.support.toy_service"], env={**os.environ, **base.environment()}
    )
    stop = threading.Event()
    relay = threading.Thread(target=Relay("pairing", as_user(base, trusting, "relay"), stop, ["pairing"]).run)
    try:
        eventually(
            lambda: asyncio.run(ask(as_user(base, trusting, "gateway"))), within=30, what="an answer to the gateway"
        )
        relay.start()
        with runtimes(base, [Service(name="pairing")]) as found:
            runtime, helper = found["pairing"], uuid.uuid4()
            event = HelperLeft(helper_id=helper, area_code="990101", left_on=date(2026, 4, 1), reason="moved")
            transact(runtime, runtime.system, lambda work: work.record(event))

            def seen() -> bool:
                with runtime.database.begin() as connection:
                    return bool(connection.scalar(sa.text("select count(*) from seen")))

            eventually(seen, within=20, what="the event to be applied")
    finally:
        stop.set()
        service.send_signal(signal.SIGTERM)
        service.wait(15)
        if relay.is_alive():
            relay.join(10)


def as_user(settings: Settings, broker: CountyBroker, user: str) -> Settings:
    return settings.model_copy(update={"broker_url": type(settings.broker_url)(broker.url_of(user))})


async def ask(settings: Settings) -> Reply | None:
    services = RpcServices(settings, Keys.of(settings).key("rpc"))
    call = Call(
        id=new_id(), name="pairing.list_helpers", body={"limit": 7}, actor=officer(), deadline=time.time() + 2
    )
    try:
        return await services.call("pairing", call)
    except ServiceAway:
        return None
    finally:
        await services.close()
