"""The distributed host on a real RabbitMQ: sealed calls, deadlines, relay to inbox, namespaces."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import date

import pytest
import sqlalchemy as sa
from kombu import Connection

from chassis import topology
from chassis.clock import Clock
from chassis.execution import Call, Reply
from chassis.ids import new_id
from chassis.keys import Keys
from chassis.namespace import Namespace
from chassis.relay import Relay
from chassis.rpc import BlockingRpc, ServiceAway
from chassis.rpc_asyncio import RpcServices
from chassis.runtime import Runtime
from chassis.service import Service
from chassis.settings import Settings
from chassis.verdicts import VerdictSigner
from chassis.work import transact
from contracts.verdict import VERDICT_LIFE, VerdictClaims, body_hash
from tests.support.hosting import prepare_bare, runtimes, settings_for
from tests.support.toy_service import officer
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def settings(database_server: str, broker_server: str, namespace: str) -> Iterator[Settings]:
    settings = settings_for(database_server, f"{namespace}toy", broker_url=broker_server, mode="broker")
    prepare_bare(settings, "pairing")
    yield settings
    with Connection(broker_server) as connection:
        topology.remove(connection, Namespace(settings.namespace), ["pairing"])


@pytest.fixture(scope="module")
def toy(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    process = start(settings)
    yield process
    process.send_signal(signal.SIGTERM)
    process.wait(15)


def start(settings: Settings) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.toy_service"], env={**os.environ, **settings.environment()}
    )
    rpc = BlockingRpc(settings, Keys.of(settings).key("rpc"))

    def answers() -> bool:
        try:
            return rpc.call("pairing", asking(seconds=2)).answer is not None
        except ServiceAway:
            return False

    eventually(answers, within=30, what="the toy service to answer")
    rpc.close()
    return process


@pytest.fixture
def rpc(settings: Settings, toy: object) -> Iterator[BlockingRpc]:
    client = BlockingRpc(settings, Keys.of(settings).key("rpc"))
    yield client
    client.close()


def asking(seconds: float = 5) -> Call:
    return Call(
        id=new_id(), name="pairing.list_helpers", body={"limit": 7}, actor=officer(), deadline=time.time() + seconds
    )


def telling(settings: Settings, helper: uuid.UUID, *, key: str | None = None, seconds: float = 5) -> Call:
    body = {"helper_id": str(helper), "left_on": "2026-04-01", "reason": "moved"}
    name, now = "pairing.record_helper_leaving", Clock.of(settings).now()
    claims = VerdictClaims(
        id=new_id(),
        command=name,
        body_sha256=body_hash(name, body),
        actor_id="officer",
        area="990101",
        issued_at=now,
        expires_at=now + VERDICT_LIFE,
        outcome="allow",
        rules=(),
        ruleset_version="test",
    )
    verdict = VerdictSigner(Keys.of(settings).key("verdict"), Clock.of(settings).now).sign(claims)
    return Call(
        id=new_id(),
        name=name,
        body=body,
        actor=officer(),
        deadline=time.time() + seconds,
        verdict=verdict,
        idempotency_key=key,
    )


@pytest.fixture
def hosted(settings: Settings) -> Iterator[Runtime]:
    with runtimes(settings, [Service(name="pairing")]) as found:
        yield found["pairing"]


def scalar(runtime: Runtime, query: str) -> int:
    with runtime.database.begin() as connection:
        return int(connection.scalar(sa.text(query)) or 0)


def test_a_query_is_answered_over_the_broker(rpc: BlockingRpc) -> None:
    reply = rpc.call("pairing", asking())
    assert reply.answer is not None
    assert reply.answer["items"][0]["capacity"] == 7


def test_the_gateways_client_keeps_many_calls_apart(settings: Settings, toy: object) -> None:
    async def ask_many() -> list[Reply]:
        services = RpcServices(settings, Keys.of(settings).key("rpc"))
        calls = [asking().model_copy(update={"body": {"limit": number}}) for number in range(1, 41)]
        try:
            return await asyncio.gather(*(services.call("pairing", call) for call in calls))
        finally:
            await services.close()

    replies = asyncio.run(ask_many())
    assert [reply.answer["items"][0]["capacity"] for reply in replies if reply.answer] == list(range(1, 41))


def test_a_service_that_nobody_hosts_is_known_to_be_away_at_once(settings: Settings, toy: object) -> None:
    async def ask() -> float:
        services = RpcServices(settings, Keys.of(settings).key("rpc"))
        began = time.monotonic()
        with pytest.raises(ServiceAway):
            await services.call("notify", asking(seconds=30))
        await services.close()
        return time.monotonic() - began

    assert asyncio.run(ask()) < 5


def test_bodies_with_another_key_are_not_carried_out(settings: Settings, toy: object, hosted: Runtime) -> None:
    stranger = BlockingRpc(settings, os.urandom(32))
    with pytest.raises(ServiceAway):
        stranger.call("pairing", telling(settings, uuid.uuid4(), seconds=1))
    stranger.close()
    assert scalar(hosted, "select count(*) from outbox") == scalar(hosted, "select count(*) from stream")


def test_a_command_past_its_deadline_is_never_carried_out_late(
    settings: Settings, rpc: BlockingRpc, toy: subprocess.Popen[bytes], hosted: Runtime
) -> None:
    late = uuid.uuid4()
    os.kill(toy.pid, signal.SIGSTOP)
    try:
        with pytest.raises(ServiceAway):
            rpc.call("pairing", telling(settings, late, seconds=1))
    finally:
        os.kill(toy.pid, signal.SIGCONT)
    assert rpc.call("pairing", asking()).answer is not None
    assert scalar(hosted, f"select count(*) from outbox where subject = '{late}'") == 0


def test_control_with_a_deadline_that_is_still_ahead_the_same_command_is_carried_out(
    settings: Settings, toy: subprocess.Popen[bytes], hosted: Runtime
) -> None:
    patient, client = uuid.uuid4(), BlockingRpc(settings, Keys.of(settings).key("rpc"))
    os.kill(toy.pid, signal.SIGSTOP)
    waiting = threading.Thread(target=client.call, args=("pairing", telling(settings, patient, seconds=30)))
    waiting.start()
    os.kill(toy.pid, signal.SIGCONT)
    waiting.join(30)
    client.close()
    assert scalar(hosted, f"select count(*) from outbox where subject = '{patient}'") == 1


def test_a_repeated_key_gives_the_first_answer_and_one_event(
    settings: Settings, rpc: BlockingRpc, hosted: Runtime
) -> None:
    helper, key = uuid.uuid4(), str(new_id())
    call = telling(settings, helper, key=key)
    first, second = rpc.call("pairing", call), rpc.call("pairing", call)
    assert first.refusal is None
    assert not first.repeated
    assert second.repeated
    assert scalar(hosted, f"select count(*) from outbox where subject = '{helper}'") == 1


def test_control_without_a_key_the_same_command_happens_twice(
    settings: Settings, rpc: BlockingRpc, hosted: Runtime
) -> None:
    helper = uuid.uuid4()
    for _ in range(2):
        rpc.call("pairing", telling(settings, helper))
    assert scalar(hosted, f"select count(*) from outbox where subject = '{helper}'") == 2


@pytest.mark.parametrize("spoil", ["missing", "altered", "foreign body", "foreign area"])
def test_a_command_without_a_fitting_verdict_is_refused_and_on_record(
    settings: Settings, rpc: BlockingRpc, hosted: Runtime, spoil: str
) -> None:
    call = telling(settings, uuid.uuid4())
    changed = {
        "missing": {"verdict": None},
        "altered": {"verdict": str(call.verdict)[:-4] + "AAAA"},
        "foreign body": {"body": {**call.body, "left_on": "2026-04-02"}},
        "foreign area": {"actor": officer("990102")},
    }[spoil]
    refused = "select count(*) from audit where outcome = 'verdict-refused'"
    before = scalar(hosted, refused)
    reply = rpc.call("pairing", call.model_copy(update=changed))
    assert reply.refusal is not None
    assert reply.refusal["status"] == 403
    assert scalar(hosted, refused) == before + 1


def test_what_was_committed_reaches_the_inbox_through_the_relay(
    settings: Settings, toy: object, hosted: Runtime
) -> None:
    stop = threading.Event()
    relay = threading.Thread(target=Relay("pairing", settings, stop).run)
    relay.start()
    helpers = [uuid.uuid4() for _ in range(300)]
    from contracts.pairing import HelperLeft

    transact(
        hosted,
        hosted.system,
        lambda work: work.record(
            *[
                HelperLeft(helper_id=h, area_code="990101", left_on=date(2026, 4, 1), reason="moved")
                for h in helpers
            ]
        ),
    )
    wanted = "', '".join(str(helper) for helper in helpers)
    try:
        eventually(
            lambda: scalar(hosted, f"select count(*) from seen where subject in ('{wanted}')") == len(helpers),
            within=20,
            what="all events to be applied",
        )
        eventually(lambda: scalar(hosted, "select count(*) from outbox_unsent") == 0, within=5, what="marks")
    finally:
        stop.set()
        relay.join(10)
    assert scalar(hosted, "select count(*) from inbox_waiting") == 0


def bound_late(settings: Settings, hosted: Runtime, waits: bool) -> int:
    """Start the relay while one of two consumers has not bound its queue yet; how many events that one gets."""
    from contracts.pairing import HelperLeft

    names, late = Namespace(settings.namespace), f"late{waits}".lower()
    stop = threading.Event()
    relay = threading.Thread(target=Relay("pairing", settings, stop, ["pairing", late] if waits else []).run)
    event = HelperLeft(helper_id=uuid.uuid4(), area_code="990101", left_on=date(2026, 4, 1), reason="moved")
    transact(hosted, hosted.system, lambda work: work.record(event))
    unsent = "select count(*) from outbox_unsent"
    with Connection(settings.broker_url.get_secret_value()) as connection:
        relay.start()
        try:
            if not waits:
                eventually(lambda: scalar(hosted, unsent) == 0, within=10, what="publishing without the late one")
            topology.declare(connection, names, {late: ["pairing"]})
            eventually(lambda: scalar(hosted, unsent) == 0, within=10, what="publishing")
            channel = connection.channel()
            return sum(channel.basic_get(names.inbox_queue(late), no_ack=True) is not None for _ in range(3))
        finally:
            stop.set()
            relay.join(10)
            topology.remove_consumer(connection, names, late)


def test_nothing_is_published_before_every_consumer_has_bound_its_queue(
    settings: Settings, toy: object, hosted: Runtime
) -> None:
    assert bound_late(settings, hosted, waits=True) == 1


def test_control_a_relay_that_does_not_wait_loses_the_event_for_the_late_one(
    settings: Settings, toy: object, hosted: Runtime
) -> None:
    assert bound_late(settings, hosted, waits=False) == 0


def test_what_is_no_event_goes_to_the_dead_letters(settings: Settings, toy: object) -> None:
    names = Namespace(settings.namespace)
    with Connection(settings.broker_url.get_secret_value()) as connection:
        channel = connection.channel()
        connection.Producer(channel).publish(
            b"not an event", exchange=names.events_exchange, routing_key="pairing.nonsense.v1", content_type="x/y",
            content_encoding="binary",
        )  # fmt: skip
        dead = eventually(lambda: channel.basic_get(names.dead_queue("pairing"), no_ack=True), within=10, what="it")
        assert dead.body == b"not an event"


def test_two_namespaces_on_one_broker_do_not_see_each_other(
    settings: Settings, toy: object, database_server: str, hosted: Runtime
) -> None:
    other = settings_for(
        database_server, f"{settings.namespace}b", broker_url=settings.broker_url.get_secret_value(), mode="broker"
    ).model_copy(update={"secret": settings.secret})
    prepare_bare(other, "pairing")
    process = start(other)
    try:
        helper, client = uuid.uuid4(), BlockingRpc(other, Keys.of(other).key("rpc"))
        assert client.call("pairing", telling(other, helper)).refusal is None
        client.close()
        assert scalar(hosted, f"select count(*) from outbox where subject = '{helper}'") == 0
        with runtimes(other, [Service(name="pairing")]) as elsewhere:
            assert scalar(elsewhere["pairing"], f"select count(*) from outbox where subject = '{helper}'") == 1
    finally:
        process.terminate()
        process.wait(15)
        with Connection(settings.broker_url.get_secret_value()) as connection:
            topology.remove(connection, Namespace(other.namespace), ["pairing"])
