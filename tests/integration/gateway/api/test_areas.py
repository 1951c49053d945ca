"""Everyone sees only their own area: each role, each operation that takes an area or the id of something elsewhere."""

import re
from typing import Any

import pytest

from contracts.actor import Purpose, Role, purposes_of
from tests.integration.gateway.api.conftest import County
from tests.support.front_door import HERE, THERE, FrontDoor

PEOPLE = sorted(set(Role) - {Role.SYSTEM})
AREA_IN_BODY: dict[str, dict[str, Any]] = {
    "activities.draft_plan": {"carrier": "neighbour_kinship", "year": 2026, "title": "A plan"},
    "pairing.open_match_round": {},
    "gateway.create_account": {
        "username": "over-there",
        "password": "long enough to sign in",
        "roles": ["auditor"],
    },
    "gateway.create_partner_key": {
        "account_id": "00000000-0000-0000-0000-000000000001",
        "scopes": ["households.list_areas"],
        "valid_until": "2026-04-15",
    },
}


def walked(door: FrontDoor) -> list[tuple[str, str, dict[str, Any]]]:
    with door.anybody() as http:
        paths = http.get("/openapi.json").json()["paths"]
    return [(path, method, told) for path, methods in paths.items() for method, told in methods.items()]


@pytest.mark.parametrize("role", PEOPLE)
def test_a_list_of_another_township_is_not_found(door: FrontDoor, county: County, role: Role) -> None:
    asked = 0
    with door.person(role, area=THERE, purpose="oversight") as http:
        for path, method, told in walked(door):
            names = {parameter["name"] for parameter in told["parameters"]}
            if method != "get" or "area_code" not in names or role not in told.get("x-roles", PEOPLE):
                continue
            answer = http.get(path.replace("{code}", "PAIR-01"), params={"area_code": HERE})
            assert (answer.status_code, answer.json()["code"]) == (404, "out-of-area"), path
            assert http.get(path.replace("{code}", "PAIR-01")).status_code == 200, path
            asked += 1
    assert asked, role


@pytest.mark.parametrize("role", PEOPLE)
def test_what_is_begun_in_another_township_is_not_found(door: FrontDoor, county: County, role: Role) -> None:
    with door.person(role, area=THERE) as http:
        for path, method, told in walked(door):
            body = AREA_IN_BODY.get(told["operationId"])
            if body is None or role not in told["x-roles"]:
                continue
            answer = http.request(method, path, json={**body, "area_code": HERE})
            assert (answer.status_code, answer.json()["code"]) == (404, "out-of-area"), path


def test_every_operation_that_takes_an_area_in_its_body_is_walked(door: FrontDoor) -> None:
    with door.anybody() as http:
        schemas = http.get("/openapi.json").json()["components"]["schemas"]
    taking = {
        told["operationId"]
        for _, _, told in walked(door)
        if "requestBody" in told
        and (schema := told["requestBody"]["content"].get("application/json", {}).get("schema", {})).get("$ref")
        and "area_code" in schemas[schema["$ref"].rsplit("/", 1)[1]]["properties"]
    }
    assert taking == set(AREA_IN_BODY)


@pytest.mark.parametrize("role", PEOPLE)
def test_a_thing_of_another_township_is_not_found_by_its_id(door: FrontDoor, county: County, role: Role) -> None:
    ids = {
        "household_id": county.households[0]["household_id"],
        "helper_id": county.helpers[0]["helper_id"],
        "match_id": county.match["match_id"],
        "plan_id": county.plan,
        "round_id": county.round,
        "survey-imports": county.survey_import,
        "helper-imports": county.helper_import,
    }
    bodies = {
        "households.answer_consent": {"purpose": "visits", "answer": "yes", "answered_on": "2026-04-15"},
        "households.withdraw_consent": {"purpose": "pairing"},
        "pairing.decline_match": {"by": "helper"},
        "pairing.record_helper_leaving": {"left_on": "2026-04-15"},
        "activities.activate_plan": {
            "lead_unit": "family_planning_office", "deadline": "2026-06-30", "budget_line": "1",
            "indicators": [{"code": "PAIR-01", "baseline": 0, "target": 1, "due": "2026-06-30"}],
        },
    }  # fmt: skip
    asked = 0
    purpose = next(iter(sorted(purposes_of([role]) - {Purpose.MESSAGES})), None)
    with door.person(role, area=THERE, purpose=purpose) as http:
        for path, method, told in walked(door):
            named = re.findall("{(.*?)}", path)
            value = ids.get(named[0]) if named else None
            value = value or next(
                (ids[kind] for kind in ("survey-imports", "helper-imports") if kind in path and named), None
            )
            if value is None or role not in told.get("x-roles", ()):
                continue
            where = re.sub("{.*?}", value, path)
            body = bodies.get(told["operationId"], {}) if method == "post" else None
            answer = http.request(method, where, json=body)
            assert answer.status_code == 404, (path, answer.text)
            asked += 1
    assert asked or role in (Role.OPERATOR, Role.PARTNER, Role.WORKING_GROUP)


def test_the_same_things_are_found_from_their_own_township(door: FrontDoor, county: County) -> None:
    """The control arm of the walk above: it is the area that hides them."""
    with door.person(Role.TOWNSHIP_OFFICER, area=HERE, purpose="survey") as http:
        assert http.get(f"/v1/households/{county.households[0]['household_id']}").status_code == 200
        assert http.get(f"/v1/matches/{county.match['match_id']}/alternatives").status_code == 200
        assert http.get("/v1/households", params={"area_code": HERE}).json()["items"]
