"""What each role is shown: the fields of every answer it gets, held against golden lists (`kept_fields/<role>.txt`).

A field that somebody newly sees, or sees no longer, fails here until the list says so: run with `KITH_GOLDEN=write`.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.actor import Purpose, Role, purposes_of
from kith.ops.status import Watch
from tests.integration.gateway.api.conftest import TODAY, County, settled
from tests.integration.gateway.api.things import Told, everything, walked
from tests.support.front_door import COUNTY, HERE, FrontDoor, open_door
from tests.support.hosting import fresh, settings_for
from tests.support.waiting import eventually

GOLDEN = Path(__file__).parent / "kept_fields"
PEOPLE = sorted(set(Role) - {Role.SYSTEM})
OF_THE_COUNTY = {Role.COUNTY_OFFICER, Role.WORKING_GROUP, Role.AUDITOR, Role.OPERATOR, Role.PARTNER}
FREE = {"parts", "answer", "refusal", "counted"}
"""Objects whose keys are no fields: names of services, and what another operation answered."""


@pytest.fixture(scope="module")
def alone(database_server: str, namespace: str) -> Iterator[FrontDoor]:
    """An installation in which nobody else leaves anything to be seen."""
    settings = settings_for(database_server, fresh(f"{namespace}fld"), TODAY, county=COUNTY, port=0)
    with open_door(settings) as found:
        yield found


@pytest.fixture(scope="module")
def county(alone: FrontDoor) -> County:
    found, watch = settled(alone), Watch(alone.settings)
    eventually(lambda: watch.status().settled, within=30, what="everybody to have heard of everything")
    watch.close()
    return found


@pytest.fixture(scope="module")
def things(alone: FrontDoor, county: County) -> dict[str, str]:
    return everything(alone, county)


def somebody(door: FrontDoor, role: Role, county: County) -> httpx.Client:
    """Somebody who sees as much as their role may: the family and the helper are the two sides of a pair."""
    subject = {Role.FAMILY_MEMBER: county.match["household_id"], Role.HELPER: county.match["helper_id"]}.get(role)
    area = COUNTY if role in OF_THE_COUNTY else HERE
    return door.person(role, area=area, subject_id=UUID(subject) if subject else None)


def fields(answer: Any, path: str = "") -> Iterator[str]:
    """The fields of an answer, `a.b` within one another; of a list, those of all its items."""
    if isinstance(answer, list):
        for item in answer:
            yield from fields(item, path)
    elif isinstance(answer, dict):
        for name, value in answer.items():
            where = f"{path}.{name}" if path else name
            yield where
            if name not in FREE:
                yield from fields(value, where)


def seen(http: httpx.Client, told: Told, things: dict[str, str], role: Role) -> set[str]:
    """All fields that this role is shown by one read, whatever purpose it may state."""
    found: set[str] = set()
    for purpose in [*sorted(purposes_of([role]) - {Purpose.MESSAGES}), None]:
        answer = http.get(
            told.at(things), params=told.asking(), headers={"Kith-Purpose": purpose} if purpose else {}
        )
        if answer.status_code == 200 and "json" in answer.headers["Content-Type"]:
            found |= set(fields(answer.json()))
    return found


def shown_to(door: FrontDoor, role: Role, county: County, things: dict[str, str]) -> str:
    """One line per read: the operation and its fields."""
    lines = []
    with somebody(door, role, county) as http:
        for told in walked(door):
            if told.method != "get" or told.open or not told.for_(role):
                continue
            found = seen(http, told, things, role)
            lines.append(f"{told.id}: {' '.join(sorted(found)) or '–'}")
    return "\n".join(sorted(lines)) + "\n"


@pytest.mark.parametrize("role", PEOPLE)
def test_a_role_is_shown_what_its_list_says_and_no_more(
    alone: FrontDoor, county: County, things: dict[str, str], role: Role
) -> None:
    shown, golden = shown_to(alone, role, county, things), GOLDEN / f"{role}.txt"
    if os.environ.get("KITH_GOLDEN") == "write":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(shown)
    assert shown == golden.read_text()


def test_control_one_more_field_is_found(
    alone: FrontDoor, county: County, things: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that says one thing more to a family fails the family's list."""
    call = alone.switchboard.call

    async def talkative(service: str, asked: Any) -> Any:
        reply = await call(service, asked)
        if asked.name == "pairing.list_matches" and reply.answer and reply.answer["items"]:
            reply.answer["items"][0]["helper_phone"] = "1"
        return reply

    monkeypatch.setattr(alone.switchboard, "call", talkative)
    shown = shown_to(alone, Role.FAMILY_MEMBER, county, things)
    assert "items.helper_phone" in shown
    assert shown != (GOLDEN / f"{Role.FAMILY_MEMBER}.txt").read_text()


def test_no_list_names_what_nobody_may_be_shown() -> None:
    never = {"id_number", "name", "phone", "address", "password", "secret", "note_sealed"}
    for path in GOLDEN.glob("*.txt"):
        for line in path.read_text().splitlines():
            operation, _, shown = line.partition(": ")
            named = {field.rsplit(".", 1)[-1] for field in shown.split()}
            assert operation == "households.list_areas" or not named & never, line
    assert len(list(GOLDEN.glob("*.txt"))) == len(PEOPLE)
