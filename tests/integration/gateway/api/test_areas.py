"""Everyone sees only their own area: each role, each operation of the document, each thing of another township."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.actor import Purpose, Role, purposes_of
from tests.integration.gateway.api.conftest import County
from tests.integration.gateway.api.things import NOT_OF_AN_AREA, Told, walked
from tests.support.front_door import HERE, THERE, FrontDoor

PEOPLE = sorted(set(Role) - {Role.SYSTEM})
AREA_FIELDS = {"area_code", "opened_area"}
ANYBODYS_AREA = {"gateway.break_glass"}
"""Takes an area that is not one's own: that is what it is for, with an alarm and a review."""


def stranger(door: FrontDoor, role: Role) -> httpx.Client:
    """Somebody of the other township."""
    return door.person(role, area=THERE)


def hidden(answer: httpx.Response, told: Told) -> bool:
    """Not there for the stranger; or kept until a second person agrees, when it will be looked for in their own area."""
    waits = "ApprovalTicket" in str(told.told["responses"].get("202"))
    return answer.status_code == 404 or (waits and answer.status_code == 202 and "approval_id" in answer.json())


def asked(http: httpx.Client, told: Told, things: dict[str, str], role: Role, **more: Any) -> httpx.Response:
    """The answer, for the first purpose that this role may state here."""
    body = told.body(things)
    sent = None if body is None else {**body, **more}
    for purpose in [*sorted(purposes_of([role]) - {Purpose.MESSAGES}), None]:
        stated = {"Kith-Purpose": purpose} if purpose else {}
        answer = http.request(told.method, told.at(things), json=sent, headers=stated)
        if (
            answer.headers["Content-Type"] != "application/problem+json"
            or answer.json()["code"] != "purpose-missing"
        ):
            break
    return answer


@pytest.mark.parametrize("role", PEOPLE)
def test_a_list_of_another_township_is_not_found(door: FrontDoor, county: County, role: Role) -> None:
    tried = 0
    with stranger(door, role) as http:
        for told in walked(door):
            queried = {one["name"] for one in told.told["parameters"] if one["in"] == "query"}
            if "area_code" not in queried or not told.for_(role):
                continue
            path = told.path.replace("{code}", "PAIR-01")
            answer = http.get(path, params={"area_code": HERE})
            assert (answer.status_code, answer.json()["code"]) == (404, "out-of-area"), path
            assert http.get(path).status_code == 200, path
            tried += 1
    assert tried, role


@pytest.mark.parametrize("role", PEOPLE)
def test_what_is_begun_in_another_township_is_not_found(
    door: FrontDoor, things: dict[str, str], role: Role
) -> None:
    with stranger(door, role) as http:
        for told in walked(door):
            named = AREA_FIELDS & told.shape.get("properties", {}).keys()
            if not named or not told.for_(role) or told.id in ANYBODYS_AREA:
                continue
            answer = asked(http, told, things, role, **dict.fromkeys(named, HERE))
            assert answer.status_code in (403, 404) or hidden(answer, told), (told.id, answer.text)


@pytest.mark.parametrize("role", PEOPLE)
def test_a_thing_of_another_township_is_not_found_by_its_id(
    door: FrontDoor, things: dict[str, str], role: Role
) -> None:
    tried = 0
    with stranger(door, role) as http:
        for told in walked(door):
            if not told.parameters - NOT_OF_AN_AREA:
                continue
            answer = asked(http, told, things, role)
            if not told.for_(role):
                assert (answer.status_code, answer.json()["code"]) == (403, "role-missing"), told.id
                continue
            assert hidden(answer, told), (told.id, answer.status_code, answer.text)
            tried += 1
    assert tried


@pytest.mark.parametrize("role", PEOPLE)
def test_a_thing_of_another_township_is_not_found_when_a_body_names_it(
    door: FrontDoor, things: dict[str, str], role: Role
) -> None:
    with stranger(door, role) as http:
        for told in walked(door):
            named = things.keys() & set(told.shape.get("required", ()))
            if not named or not told.for_(role):
                continue
            more = dict.fromkeys(AREA_FIELDS & told.shape["properties"].keys(), THERE)
            answer = asked(http, told, things, role, **more)
            assert answer.status_code in (403, 404, 422), (told.id, answer.text)


def test_every_thing_that_a_path_names_was_made(door: FrontDoor, things: dict[str, str]) -> None:
    """A new route with a new kind of id fails here until `things.py` makes one."""
    for told in walked(door):
        assert "{" not in told.at(things), told.path


def test_the_same_things_are_found_from_their_own_township(door: FrontDoor, things: dict[str, str]) -> None:
    """The control arm of the walks: it is the area, or whose they are, that hides them."""
    found = set()
    for role in (Role.COUNTY_OFFICER, Role.OPERATOR, Role.AUDITOR):
        with door.person(role) as http:
            for told in walked(door):
                if told.method == "get" and told.parameters - NOT_OF_AN_AREA and told.for_(role):
                    answer = asked(http, told, things, role)
                    found |= {told.id} if answer.status_code == 200 else set()
    assert {
        "households.household_file", "pairing.alternatives", "pairing.match_round", "activities.plan",
        "activities.visit", "households.survey_import", "pairing.helper_import",
    } <= found  # fmt: skip


def test_an_account_for_a_household_of_another_township_opens_no_file_of_it(
    door: FrontDoor, things: dict[str, str]
) -> None:
    household = things["household_id"]
    with door.person(Role.FAMILY_MEMBER, area=THERE, subject_id=UUID(household), purpose="own_data") as http:
        assert http.get(f"/v1/households/{household}").status_code == 404
