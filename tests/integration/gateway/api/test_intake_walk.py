"""With every service stopped, whatever is never blocked is taken in, shown to operators, and later carried out once."""

import types
import typing
from collections.abc import Iterator
from datetime import date
from enum import Enum
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from contracts.actor import Role
from contracts.catalogue import COMMANDS, SOURCES
from contracts.messages import Command
from tests.integration.gateway.api.conftest import County
from tests.support.front_door import COUNTY, FrontDoor
from tests.support.operating import command as ops
from tests.support.waiting import eventually

NEVER_BLOCKED = [kind for kind in COMMANDS.values() if kind.spec.never_blocked]


@pytest.fixture(autouse=True)
def reachable_again(door: FrontDoor) -> Iterator[None]:
    yield
    door.switchboard.away.clear()


def value(kind: Any, name: str, ids: dict[str, str]) -> Any:
    """Something that fits a field of this type; a new command is walked without anybody thinking of it."""
    kind = typing.get_args(kind)[0] if typing.get_origin(kind) in (types.UnionType, typing.Union) else kind
    if typing.get_origin(kind) is typing.Annotated:
        kind = typing.get_args(kind)[0]
    if kind is UUID:
        return ids.get(name, str(uuid4()))
    if kind is date:
        return "2026-04-10"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind)).value
    return {bool: True, int: 1, str: "990101101"}[kind]


def body(kind: type[Command], county: County, number: int) -> dict[str, Any]:
    ids = {
        "household_id": county.households[number]["household_id"],
        "match_id": county.match["match_id"],
        "helper_id": county.match["helper_id"],
    }
    needed = {name: field for name, field in kind.model_fields.items() if field.is_required()}
    return {name: value(field.annotation, name, ids) for name, field in needed.items()}


def send(http: httpx.Client, kind: type[Command], sent: dict[str, Any], key: str) -> httpx.Response:
    route = kind.spec.route
    path = route.path.format(**sent)
    named = {name: one for name, one in sent.items() if f"{{{name}}}" not in route.path}
    return http.request(route.method, path, json=named, headers={"Idempotency-Key": key})


def test_all_that_is_never_blocked_is_taken_in_and_later_carried_out_once(door: FrontDoor, county: County) -> None:
    door.switchboard.away = set(SOURCES)
    assert len(NEVER_BLOCKED) >= 7
    taken = {}
    for number, kind in enumerate(NEVER_BLOCKED):
        role = Role.COUNTY_OFFICER if Role.COUNTY_OFFICER in kind.spec.roles else min(kind.spec.roles)
        http, key = door.somebody_else(role, area=COUNTY), uuid4().hex
        answer = send(http, kind, body(kind, county, number), key)
        assert answer.status_code == 202, (kind.spec.name, answer.text)
        taken[kind.spec.name] = (http, key, answer.headers["Location"])

    shown = ops(door.settings, "intake", "list", "--json").json
    assert {row["command"] for row in shown["commands"]} == set(taken)
    door.switchboard.away = set()
    for name, (http, key, where) in taken.items():
        status: Any = eventually(
            lambda http=http, where=where: _over(http.get(where).json()), within=30, what=f"the end of {name}"
        )
        assert status["state"] == "delivered" or status["refusal"]["status"] < 500, status
        assert door.switchboard.carried_out().count(key) == 1, name
        http.close()


def _over(status: dict[str, Any]) -> dict[str, Any]:
    return status if status["state"] != "waiting" else {}


def test_operators_see_counts_and_age_and_never_what_was_sent(door: FrontDoor, county: County) -> None:
    door.switchboard.away = {"activities"}
    note = "a note that no operator may read"
    sent = {
        "household_id": county.households[0]["household_id"],
        "visited_on": "2026-04-10",
        "outcome": "all_well",
        "note": note,
    }
    with door.somebody_else(Role.COUNTY_OFFICER) as http:
        answer = http.post("/v1/visits", json=sent)
        intake_id = answer.json()["intake_id"]
        shown = ops(door.settings, "intake", "show", intake_id, "--json")
        listed = ops(door.settings, "intake", "list")
        status = ops(door.settings, "status", "--json").json
        door.switchboard.away = set()
        eventually(lambda: _over(http.get(answer.headers["Location"]).json()), within=30, what="its delivery")
    assert (shown.json["command"], shown.json["state"]) == ("activities.report_visit", "waiting")
    [waiting] = [one for one in status["intake"] if (one["service"], one["state"]) == ("activities", "waiting")]
    assert waiting["commands"] == 1 and waiting["oldest_seconds"] >= 0
    assert intake_id in listed.out and "activities.report_visit" in listed.out
    assert max(map(len, listed.out.splitlines())) <= 80
    for said in (shown.out, listed.out, ops(door.settings, "intake", "show", intake_id).out):
        assert note not in said and sent["household_id"] not in said
    assert ops(door.settings, "intake", "show", str(uuid4())).status == 2
    assert ops(door.settings, "intake", "list", "--state", "nonsense").status == 2
