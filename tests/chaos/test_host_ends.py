"""A service whose container nameko has ended must end as a process too, so that it is started again."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pika
import pytest
from kombu import Connection

from chassis import topology
from chassis.execution import Call
from chassis.ids import new_id
from chassis.keys import Keys
from chassis.namespace import Namespace
from chassis.rpc import CONTENT_TYPE, Wire, routing_key
from chassis.settings import Settings
from tests.chaos.proxy import Proxy
from tests.support.hosting import prepare_bare, settings_for
from tests.support.toy_service import officer
from tests.support.waiting import eventually

CALLS = 300
pytestmark = pytest.mark.timeout(300)  # nameko gives up after twelve seconds; a busy machine takes its time


@pytest.fixture
def proxy(broker_server: str) -> Iterator[Proxy]:
    with Proxy(urlsplit(broker_server).port or 5672) as proxy:
        yield proxy


@pytest.fixture
def settings(database_server: str, broker_server: str, namespace: str, proxy: Proxy) -> Iterator[Settings]:
    through = urlsplit(broker_server)._replace(netloc=f"guest:guest@127.0.0.1:{proxy.port}").geturl()
    settings = settings_for(database_server, f"{namespace}end", broker_url=through, mode="broker")
    prepare_bare(settings, "pairing")
    yield settings
    with Connection(broker_server) as connection:
        topology.remove(connection, Namespace(settings.namespace), ["pairing"])


def call_often(broker_url: str, settings: Settings) -> None:
    """Many questions at once: some answer is always under way for a while."""
    wire, names = Wire(Keys.of(settings).key("rpc")), Namespace(settings.namespace)
    with pika.BlockingConnection(pika.URLParameters(broker_url)) as connection:
        channel = connection.channel()
        for _ in range(CALLS):
            call = Call(
                id=new_id(),
                name="pairing.list_helpers",
                body={"limit": 7},
                actor=officer(),
                deadline=time.time() + 60,
            )
            properties = pika.BasicProperties(
                content_type=CONTENT_TYPE,
                content_encoding="binary",
                reply_to="nowhere",
                correlation_id=str(call.id),
            )
            channel.basic_publish(names.rpc_exchange, routing_key(names, "pairing"), wire.request(call), properties)


def listens(broker_url: str, settings: Settings) -> bool:
    queue = f"rpc-{Namespace(settings.namespace).service('pairing')}"
    with pika.BlockingConnection(pika.URLParameters(broker_url)) as connection:
        try:
            return bool(connection.channel().queue_declare(queue, passive=True).method.consumer_count)
        except pika.exceptions.ChannelClosedByBroker:
            return False


def test_a_service_that_lost_the_broker_while_it_replied_ends_once_it_is_back_instead_of_staying_dead(
    broker_server: str, settings: Settings, proxy: Proxy, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with log.open("wb") as file:
        command = [sys.executable, "-m", "tests.support.toy_service"]
        process = subprocess.Popen(command, env={**os.environ, **settings.environment()}, stdout=file, stderr=file)
    try:
        eventually(lambda: listens(broker_server, settings), within=90, what="the service to listen")
        call_often(broker_server, settings)
        proxy.refuse()
        eventually(lambda: b"thread exited with error" in log.read_bytes(), within=60, what="nameko to give up")
        proxy.admit()
        assert process.wait(60) == 1
    finally:
        process.kill()
        process.wait()
