"""The record over HTTP: an auditor's view of all services, a family's of its own file, and that reading is on record."""

import base64
import json
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.actor import Role
from gateway.api.record_reading import KINDS
from tests.integration.gateway.api.conftest import County
from tests.support.front_door import COUNTY, HERE, THERE, FrontDoor


def auditor(door: FrontDoor, area: str = COUNTY) -> httpx.Client:
    return door.person(Role.AUDITOR, area=area, purpose="oversight")


def lines(http: httpx.Client, **asked: Any) -> list[dict[str, Any]]:
    answer = http.get("/v1/record", params=asked)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


@pytest.fixture
def looked_at(door: FrontDoor, county: County) -> tuple[str, str]:
    """(household, account of who looked at its file)."""
    household = county.households[0]["household_id"]
    with door.person(Role.TOWNSHIP_OFFICER, area=HERE, purpose="visits") as officer:
        assert officer.get(f"/v1/households/{household}").status_code == 200
        return household, officer.get("/v1/me").json()["account_id"]


def test_an_auditor_finds_who_read_a_file_and_for_what(door: FrontDoor, looked_at: tuple[str, str]) -> None:
    household, officer = looked_at
    with auditor(door) as http:
        found = lines(http, about=household, actor=officer, what="households.household_file")
    assert found
    assert {(line["service"], line["about"], line["actor_id"], line["purpose"]) for line in found} == {
        ("households", household, officer, "visits")
    }
    assert found[0]["roles"] == ["township_officer"] and found[0]["outcome"] == "done"


def test_all_services_are_put_together_newest_first_and_each_line_once_over_all_pages(
    door: FrontDoor, county: County, looked_at: tuple[str, str]
) -> None:
    with auditor(door) as http:
        seen, cursor, until = [], None, http.get("/v1/record").json()["items"][0]["at"]
        while True:
            page = http.get("/v1/record", params={"limit": 7, "until": until, "cursor": cursor} if cursor else
                            {"limit": 7, "until": until}).json()  # fmt: skip
            assert len(page["items"]) <= 7
            seen += page["items"]
            cursor = page["next_cursor"]
            if cursor is None or len(seen) > 200:
                break
        at_once = lines(http, limit=200, until=until)[: len(seen)]
    places = [(line["service"], line["number"]) for line in seen]
    assert len(places) == len(set(places)), "each once"
    assert {"households", "pairing", "gateway"} <= {line["service"] for line in seen}
    assert places[:200] == [(line["service"], line["number"]) for line in at_once][: len(places)]


def test_reading_the_record_is_on_record_with_what_was_asked(door: FrontDoor, looked_at: tuple[str, str]) -> None:
    household, _ = looked_at
    with auditor(door) as http:
        me = http.get("/v1/me").json()["account_id"]
        lines(http, about=household)
        found = lines(http, actor=me, about=household)
    assert {f"{service}.read_record" for service in KINDS} <= {line["what"] for line in found}


def test_an_auditor_of_a_township_reads_what_was_done_by_people_there(door: FrontDoor, county: County) -> None:
    with auditor(door, HERE) as here, auditor(door, THERE) as there:
        areas = {line["area_code"] for line in lines(here, limit=200)}
        elsewhere = {line["area_code"] for line in lines(there, limit=200)}
    assert areas and all(code.startswith(HERE) for code in areas)
    assert all(code.startswith(THERE) for code in elsewhere)


def test_a_family_sees_roles_and_purposes_of_who_looked_at_its_own_file_and_no_names(
    door: FrontDoor, county: County, looked_at: tuple[str, str]
) -> None:
    household, officer = looked_at
    other = county.households[1]["household_id"]
    family = door.person(Role.FAMILY_MEMBER, area=HERE, purpose="own_data", subject_id=UUID(household))
    stranger = door.person(Role.FAMILY_MEMBER, area=HERE, purpose="own_data", subject_id=UUID(other))
    told = family.get("/v1/record/own").json()["items"]
    assert {"service", "at", "roles", "purpose", "what", "outcome"} == set(told[0])
    looks = [line for line in told if line["what"] == "households.household_file"]
    assert ("township_officer", "visits") in {(line["roles"][0], line["purpose"]) for line in looks}
    assert officer not in json.dumps(told)
    theirs = [one["at"] for one in stranger.get("/v1/record/own").json()["items"]]
    assert not {line["at"] for line in looks} & set(theirs)


def test_nobody_else_reads_it_and_nobody_without_saying_why(door: FrontDoor) -> None:
    with (
        door.person(Role.COUNTY_OFFICER, purpose="oversight") as officer,
        door.somebody_else(Role.AUDITOR) as silent,
    ):
        assert officer.get("/v1/record").json()["code"] == "role-missing"
        assert officer.get("/v1/record/own").status_code == 403
        assert silent.get("/v1/record").json()["code"] == "purpose-missing"
        me = silent.get("/v1/me").json()["account_id"]
    tried = door.rows("select outcome from audit where actor_id = :me and what like '%read_record'", me=me)
    assert [row.outcome for row in tried] == ["purpose-missing"]


@pytest.mark.parametrize(
    "cursor",
    ["x", "%00", *(base64.urlsafe_b64encode(raw).decode() for raw in (
        b"[]", b"1", b'{"nobody": 1}', b'{"households": -1}', b'{"households": "x"}', b'{"households": 1e99}', b"[" * 600,
    ))],
)  # fmt: skip
def test_a_cursor_that_is_none_of_ours_is_refused(door: FrontDoor, cursor: str) -> None:
    with auditor(door) as http:
        answer = http.get("/v1/record", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "body-invalid"), answer.text


def test_with_a_service_away_no_part_is_left_out_in_silence(door: FrontDoor) -> None:
    with auditor(door) as http:
        door.switchboard.away = {"pairing"}
        refused, other = http.get("/v1/record"), http.get("/v1/record", params={"service": "households"})
        door.switchboard.away = set()
        unknown = http.get("/v1/record", params={"service": "nobody"})
    assert (refused.status_code, other.status_code, unknown.status_code) == (503, 200, 422)
