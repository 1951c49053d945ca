"""Dead letters on a real broker: looking loses none; what decodes now goes back to its inbox, confirmed first."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from amqp.exceptions import MessageNacked
from kombu import Connection, Producer

from chassis import audit, topology
from chassis.dead_letters import BrokerRefused, DeadLetters
from chassis.namespace import Namespace
from chassis.settings import Settings
from contracts.envelope import Envelope
from tests.support.hosting import fresh
from tests.support.operating import Desk, command, leaving
from tests.support.waiting import eventually

NONSENSE = b"not an event \x1b[2J"


@pytest.fixture
def on_broker(county: Settings, broker_server: str) -> Iterator[Settings]:
    yield from declared(county, broker_server)


def declared(county: Settings, broker_server: str) -> Iterator[Settings]:
    """The county's queues on the broker, taken off again."""
    settings = county.model_copy(
        update={"mode": "broker", "broker_url": Settings(broker_url=broker_server).broker_url}
    )
    names = Namespace(settings.namespace)
    with Connection(broker_server) as connection:
        topology.declare(connection, names, {"notify": ["pairing"], "measure": ["pairing"]})
        yield settings
        topology.remove(connection, names, ["notify", "measure"])


def an_event() -> bytes:
    event = leaving(uuid.uuid4())
    envelope = Envelope(
        id=uuid.uuid4(),
        source="/kith/990101/pairing",
        type=event.type,
        subject=event.subject,
        time="2026-04-15T08:00:00Z",
        epoch=1,
        sequence=1,
        data=event.model_dump(mode="json"),
    )
    return envelope.model_dump_json(exclude_none=True).encode()


def bury(settings: Settings, *bodies: bytes, consumer: str = "notify", through_inbox: bool = True) -> None:
    """As the inbox does: each comes to the consumer, is refused, and becomes a dead letter."""
    names = Namespace(settings.namespace)
    with Connection(settings.broker_url.get_secret_value()) as connection:
        if not through_inbox:
            for body in bodies:
                Producer(connection.channel()).publish(body, exchange=names.dead_exchange, routing_key=consumer)
            return
        channel = connection.channel()
        producer = Producer(channel)
        for number, body in enumerate(bodies, 1):
            producer.publish(body, exchange=names.events_exchange, routing_key="pairing.helper_left.v1",
                             content_type="x/y", content_encoding="binary", headers={"traceparent": f"t{number}"})  # fmt: skip
        for queue in {names.inbox_queue("notify"), names.inbox_queue("measure")} - {names.inbox_queue(consumer)}:
            for _ in bodies:
                eventually(lambda queue=queue: channel.basic_get(queue, no_ack=True), within=10, what="a copy")  # type: ignore[misc]
        for _ in bodies:
            got = eventually(lambda: channel.basic_get(names.inbox_queue(consumer)), within=10, what="the message")
            channel.basic_reject(got.delivery_tag, requeue=False)
        eventually(
            lambda: dead_letters(settings, consumer) == len(bodies),
            within=10,
            what="all to be among the dead letters",
        )


def dead_letters(settings: Settings, consumer: str = "notify") -> int:
    with DeadLetters(settings) as broker:
        return broker.count(consumer)


def in_inbox(settings: Settings, consumer: str = "notify") -> list[bytes]:
    """What lies in the inbox; taken out."""
    names, found = Namespace(settings.namespace), []
    with Connection(settings.broker_url.get_secret_value()) as connection:
        channel = connection.channel()
        while got := channel.basic_get(names.inbox_queue(consumer), no_ack=True):
            assert "x-death" not in got.headers
            found.append(got.body if isinstance(got.body, bytes) else got.body.encode())
    return found


def test_listing_shows_all_and_loses_none_however_often(on_broker: Settings) -> None:
    event = an_event()
    bury(on_broker, NONSENSE, event)
    for _ in range(3):
        found = command(on_broker, "dead", "list", "--json").json
        eventually(lambda: dead_letters(on_broker) == 2, within=5, what="both to be back")
    first, second = sorted(found, key=lambda letter: letter["event_id"] is not None)
    assert (first["event_id"], first["size"], first["reason"]) == (None, len(NONSENSE), "rejected")
    assert (second["event_id"], second["consumer"]) == (str(Envelope.model_validate_json(event).id), "notify")
    assert first["routing_key"] == "pairing.helper_left.v1"
    assert first["died_at"]


def test_the_list_shows_no_body_and_fits_a_screen(on_broker: Settings) -> None:
    bury(on_broker, NONSENSE, an_event())
    said = command(on_broker, "dead", "list")
    assert said.status == 0
    assert "not an event" not in said.out
    assert "\x1b" not in said.out
    assert "is no event" in said.out
    assert "decodes now" in said.out
    assert max(map(len, said.out.splitlines())) <= 80


def test_listing_is_bounded(on_broker: Settings) -> None:
    bury(on_broker, *[an_event() for _ in range(5)])
    assert len(command(on_broker, "dead", "list", "--limit", "2", "--json").json) == 2
    eventually(lambda: dead_letters(on_broker) == 5, within=5, what="all to be back")


def test_what_decodes_now_goes_back_to_its_consumers_inbox_alone(on_broker: Settings, desk: Desk) -> None:
    event = an_event()
    bury(on_broker, NONSENSE, event)
    done = command(on_broker, "dead", "requeue", "--json").json
    assert done["notify"] == {"moved": 1, "left": 1}
    assert in_inbox(on_broker) == [event]
    assert in_inbox(on_broker, "measure") == []
    eventually(lambda: dead_letters(on_broker) == 1, within=5, what="the nonsense to stay")
    [entry] = desk.rows(
        "select roles, outcome from audit where what = 'ops.requeue_dead_letters' and about = 'notify'"
    )
    assert tuple(entry) == ("operator", "1 moved, 1 left")
    with desk.runtime.database.begin() as connection:
        assert audit.verify(connection)[1] is None


def test_if_asked_for_even_nonsense_goes_back_but_each_message_once(on_broker: Settings) -> None:
    bury(on_broker, NONSENSE, NONSENSE)
    assert command(on_broker, "dead", "requeue", "--all", "--json").json["notify"] == {"moved": 2, "left": 0}
    assert in_inbox(on_broker) == [NONSENSE] * 2
    assert dead_letters(on_broker) == 0
    assert command(on_broker, "dead", "requeue").out == "no dead letters\n"


def fill_inbox(settings: Settings) -> None:
    """Until the broker takes no more. A quorum queue tells publishers of its limit a little late."""
    names = Namespace(settings.namespace)
    with Connection(
        settings.broker_url.get_secret_value(), transport_options={"confirm_publish": True}
    ) as connection:
        producer = Producer(connection.channel())

        def refused() -> bool:
            try:
                producer.publish(b"x", exchange=names.dead_exchange, routing_key="notify.again")
            except MessageNacked:
                return True
            return False

        eventually(refused, within=10, what="the inbox to be full")


@pytest.fixture
def full_inbox(county: Settings, broker_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setattr(topology, "MAX_LENGTH", 1)
    yield from declared(county, broker_server)


def test_what_the_broker_does_not_take_back_stays_a_dead_letter(full_inbox: Settings) -> None:
    bury(full_inbox, an_event())
    assert command(full_inbox, "dead", "requeue").out.startswith("notify: 1")
    bury(full_inbox, an_event(), through_inbox=False)
    fill_inbox(full_inbox)
    refused = command(full_inbox, "dead", "requeue", "--consumer", "notify")
    assert (refused.status, refused.err.count("\n")) == (2, 1)
    eventually(lambda: dead_letters(full_inbox) == 1, within=5, what="it to be back")


class AcknowledgesFirst(DeadLetters):
    """The control arm: takes a message off the dead letters before its inbox has it."""

    def _publish(self, channel: Any, routing_key: str, properties: Any, body: bytes) -> None:
        channel.basic_ack(0, multiple=True)
        super()._publish(channel, routing_key, properties, body)


def test_control_a_requeue_that_acknowledges_first_loses_what_the_broker_does_not_take(
    full_inbox: Settings,
) -> None:
    bury(full_inbox, an_event())
    command(full_inbox, "dead", "requeue")
    bury(full_inbox, an_event(), through_inbox=False)
    fill_inbox(full_inbox)
    with AcknowledgesFirst(full_inbox) as broker, pytest.raises(BrokerRefused):
        broker.requeue("notify", 10)
    assert dead_letters(full_inbox) == 0


def test_status_counts_dead_letters(on_broker: Settings) -> None:
    bury(on_broker, NONSENSE)
    found = command(on_broker, "status", "--json").json
    assert found["broker"] == "answers"
    assert found["dead_letters"]["notify"] == 1


def test_without_a_broker_each_command_says_so(county: Settings, on_broker: Settings) -> None:
    away = on_broker.model_copy(update={"broker_url": Settings(broker_url="amqp://x:y@127.0.0.1:1/").broker_url})
    for settings, why in ((county, "without a broker"), (away, "RabbitMQ")):
        refused = command(settings, "dead", "list")
        assert (refused.status, refused.err.count("\n")) == (2, 1)
        assert why in refused.err
    assert command(away, "status", "--json").json["broker"] == "away"
    assert "broker is away" in command(away, "status").out
    assert command(county, "status", "--json").json["broker"] == "none"


def test_of_a_consumer_that_never_ran_on_this_broker_it_says_so(on_broker: Settings) -> None:
    strange = on_broker.model_copy(update={"namespace": fresh("nobody")})
    refused = command(strange, "dead", "list", "--consumer", "notify")
    assert (refused.status, refused.err.count("\n")) == (2, 1)
    assert "never ran" in refused.err
    assert command(strange, "dead", "list").out == "no dead letters\n"
