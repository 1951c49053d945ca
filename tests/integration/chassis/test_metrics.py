"""What Prometheus is told of events: only what holds, under the names that others use, and never who it is about."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from chassis import inbox as inbox_module
from chassis.execution import Call, LocalExecutor
from chassis.inbox import Inbox
from chassis.inbox_meter import deliveries
from chassis.metrics import SentMeter
from contracts.catalogue import EVENTS, SOURCES
from contracts.refusals import UNKNOWN_MESSAGE
from tests.support.hosting import settings_for
from tests.support.inbox_model import FOREVER, Item, Name, Trouble
from tests.support.inbox_place import CONSUMER, Consumers, Script, envelope_of

TYPE = "pairing.helper_left.v1"
GOOD, BAD = (Name("pairing", str(uuid.UUID(int=number))) for number in (0xA1, 0xA2))
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}|\d{6}")
"""A uuid, an area's code, a number of a person, a date without dashes."""


@pytest.fixture(scope="module")
def script() -> Script:
    return Script()


@pytest.fixture(scope="module")
def place(database_server: str, namespace: str, script: Script) -> Iterator[Consumers]:
    found = Consumers(settings_for(database_server, f"{namespace}metrics", mode="broker"), script)
    yield found
    found.close()


@pytest.fixture
def inbox(place: Consumers, script: Script, monkeypatch: pytest.MonkeyPatch) -> Inbox:
    monkeypatch.setattr(inbox_module, "RETRY_AFTER", (timedelta(hours=1),))
    script.begin()
    place.clear()
    return Inbox(place.runtime)


def value(name: str, /, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def of_consumer(place: Consumers, error: str = "") -> dict[str, str]:
    names = place.runtime.names
    return {
        "messaging_system": "rabbitmq",
        "messaging_destination_name": f"{names.events_exchange}:{TYPE}:{names.inbox_queue(CONSUMER)}",
        "messaging_consumer_group_name": CONSUMER,
        "messaging_operation_name": "process",
        "error_type": error,
    }


def say(script: Script, stream: Name, *troubles: Trouble) -> list[Item]:
    return [script.history.say(stream, trouble) for trouble in troubles]


def test_what_was_applied_is_counted_once_though_the_batch_was_done_again(
    inbox: Inbox, script: Script, place: Consumers
) -> None:
    before = value("messaging_process_duration_seconds_count", **of_consumer(place))
    lags, applied = (
        value(name, consumer=CONSUMER) for name in ("kith_event_lag_seconds_count", "kith_inbox_applied_total")
    )
    duplicates, failed = (value(f"kith_inbox_{what}_total", consumer=CONSUMER) for what in ("duplicates", "failed"))
    items = say(script, GOOD, Trouble(), Trouble()) + say(script, BAD, Trouble(FOREVER))
    envelopes = [envelope_of(item) for item in items]
    inbox.receive([*envelopes, envelopes[0]])
    assert value("messaging_process_duration_seconds_count", **of_consumer(place)) - before == 2
    assert value("kith_event_lag_seconds_count", consumer=CONSUMER) - lags == 2
    assert value("kith_inbox_applied_total", consumer=CONSUMER) - applied == 2
    assert value("kith_inbox_duplicates_total", consumer=CONSUMER) - duplicates == 1
    assert value("kith_inbox_failed_total", consumer=CONSUMER) - failed == 1
    assert value("messaging_process_duration_seconds_count", **of_consumer(place, "DataError")) == 1


def test_control_without_waiting_for_the_commit_what_was_rolled_back_counts(
    inbox: Inbox, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied = value("kith_inbox_applied_total", consumer=CONSUMER)
    monkeypatch.setattr(inbox._meter, "begin", lambda: inbox._meter._applied.inc(len(inbox._meter._done)))
    items = say(script, GOOD, Trouble(), Trouble()) + say(script, BAD, Trouble(FOREVER))
    inbox.receive([envelope_of(item) for item in items])
    assert value("kith_inbox_applied_total", consumer=CONSUMER) - applied > 2


def test_a_refusal_raises_a_series_that_was_there_before(place: Consumers) -> None:
    settings, exchange = place.runtime.settings, place.runtime.names.events_exchange
    meter = SentMeter("pairing", settings, exchange)
    labels = {
        "service": "pairing",
        "messaging_system": "rabbitmq",
        "messaging_destination_name": exchange,
        "messaging_operation_name": "publish",
    }
    assert (
        REGISTRY.get_sample_value("messaging_client_sent_messages_total", {**labels, "error_type": "refused"}) == 0
    )
    meter.sent(3, 2, 0.01)
    assert value("messaging_client_sent_messages_total", **labels, error_type="refused") == 2
    assert value("messaging_client_sent_messages_total", **labels, error_type="") == 3


def strange_labels(page: str) -> set[tuple[str, str]]:
    """(label, value) of what may name somebody, or has more values than there are things of that kind."""
    found = set()
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            for label, what in sample.labels.items():
                if label != "le" and (ID.search(what) or not re.fullmatch(r"[A-Za-z0-9_.:{}/ -]{0,120}", what)):
                    found.add((label, what))
    return found


def test_no_label_names_anybody_or_anything_that_there_are_many_of(
    inbox: Inbox, script: Script, place: Consumers
) -> None:
    deliveries(place.runtime).inc()
    items = say(script, GOOD, Trouble(), Trouble(1, "middle")) + say(script, BAD, Trouble(FOREVER))
    inbox.receive([envelope_of(item) for item in items])
    page = generate_latest().decode()
    assert f":{TYPE}:" in page
    assert strange_labels(page) == set()
    said = set(re.findall(r'destination_name="[^:"]*:([a-z_.0-9]+):', page))
    assert said <= set(EVENTS), "types are a closed set"
    assert set(re.findall(r'[{,]service="([^"]*)"', page)) <= {*SOURCES, "gateway", "measure", CONSUMER, "bare"}


def test_a_call_that_nobody_declared_makes_no_series_of_its_own(place: Consumers) -> None:
    actor, deadline = place.runtime.system, place.runtime.clock.now().timestamp() + 5
    for name in ("households.drop", "households.drop_13900007654"):
        call = Call(id=uuid.uuid4(), name=name, body={}, actor=actor, deadline=deadline)
        assert LocalExecutor(place.runtime).execute(call).refusal is not None
    assert value("kith_call_seconds_count", service=CONSUMER, name="unknown", outcome=UNKNOWN_MESSAGE.code) == 2
    assert "households.drop" not in generate_latest().decode()


def test_control_a_label_with_an_id_a_name_or_a_number_is_found() -> None:
    for what in (str(uuid.uuid4()), "穆容千雪", "990101101", "13900007654"):
        assert strange_labels(f'# TYPE x counter\nx_total{{who="{what}"}} 1\n') == {("who", what)}
