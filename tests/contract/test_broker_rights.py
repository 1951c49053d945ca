"""The rights in deploy/rabbitmq cover every name that chassis.namespace gives, and no name of anybody else."""

import json
import re
from pathlib import Path

import pytest

from chassis.namespace import Namespace
from kith.registry import CONSUMERS

FILE = Path(__file__).parents[2] / "deploy" / "rabbitmq" / "definitions.json"
DEFINITIONS = json.loads(FILE.read_text())
RIGHTS = {right["user"]: right for right in DEFINITIONS["permissions"]}
OURS, FOREIGN = Namespace("kith"), Namespace("kith2")
REPLIES = "amq.gen-JzTY20BRgKO"
KINDS = ("configure", "write", "read")


def own(names: Namespace, consumer: str) -> list[str]:
    """What a consumer declares and listens to."""
    return [names.inbox_queue(consumer), names.dead_queue(consumer), f"rpc-{names.service(consumer)}"]


def everything(names: Namespace) -> set[str]:
    queues = {queue for consumer in CONSUMERS for queue in own(names, consumer)}
    return queues | {names.events_exchange, names.rpc_exchange, names.dead_exchange}


def may(user: str, kind: str, name: str) -> bool:
    """As RabbitMQ decides: a search, not a full match."""
    return re.search(RIGHTS[user][kind], name) is not None


def reach(user: str, kind: str, names: Namespace = OURS) -> set[str]:
    return {name for name in everything(names) if may(user, kind, name)}


@pytest.mark.parametrize("consumer", CONSUMERS)
def test_a_consumer_reaches_its_own_names_and_the_exchanges_it_needs(consumer: str) -> None:
    exchanges = {OURS.events_exchange, OURS.rpc_exchange, OURS.dead_exchange}
    assert reach(consumer, "configure") == reach(consumer, "read") == {*own(OURS, consumer), *exchanges}
    assert reach(consumer, "write") == {*own(OURS, consumer), *exchanges} - {OURS.events_exchange}
    assert all(may(consumer, kind, REPLIES) for kind in KINDS)


def test_only_the_relay_writes_events() -> None:
    assert {user for user in RIGHTS if may(user, "write", OURS.events_exchange)} == {"relay"}
    assert [reach("relay", kind) for kind in KINDS] == [set(), {OURS.events_exchange}, set()]
    assert not any(may("relay", kind, REPLIES) for kind in KINDS)


def test_the_gateway_calls_and_hears_replies_and_nothing_else() -> None:
    assert [reach("gateway", kind) for kind in KINDS] == [{OURS.rpc_exchange}] * 3
    assert all(may("gateway", kind, REPLIES) for kind in KINDS)


@pytest.mark.parametrize("user", RIGHTS)
def test_no_right_reaches_into_another_installation(user: str) -> None:
    assert [reach(user, kind, FOREIGN) for kind in KINDS] == [set()] * 3
    assert RIGHTS[user]["vhost"] == "kith"


@pytest.mark.parametrize("user", RIGHTS)
def test_every_right_is_anchored_at_both_ends(user: str) -> None:
    assert [
        kind for kind in KINDS if not (RIGHTS[user][kind].startswith("^") and RIGHTS[user][kind].endswith("$"))
    ] == []


def test_control_without_anchors_a_right_reaches_further_than_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    loose = {**RIGHTS["relay"], "write": r"kith\.events"}
    monkeypatch.setitem(RIGHTS, "relay", loose)
    assert may("relay", "write", "other-kith.events")


def test_every_process_has_a_user_and_no_user_is_an_administrator_or_has_a_password_here() -> None:
    users = DEFINITIONS["users"]
    assert {user["name"] for user in users} == set(RIGHTS) == {*CONSUMERS, "relay", "gateway"}
    assert all(user["tags"] == "" and user["password_hash"] == f"@{user['name']}@" for user in users)
