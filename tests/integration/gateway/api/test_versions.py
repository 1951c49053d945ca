"""ETags and conditions over HTTP: who has it already is told so, and of two editors the second is told what changed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import count

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from contracts.actor import Role
from contracts.messages import Deprecated
from gateway.api import app, versions
from gateway.api.operation import Operation
from tests.integration.gateway.api.conftest import County
from tests.integration.gateway.api.test_problems import assert_problem
from tests.support.front_door import HERE, THERE, FrontDoor, open_door
from tests.support.hosting import fresh, settings_for

YEARS = count(2050)
OPERATIONS = app.operations()


@pytest.fixture(scope="module")
def officer(door: FrontDoor) -> Iterator[httpx.Client]:
    with door.person(Role.COUNTY_OFFICER, purpose="survey") as http:
        yield http


@pytest.fixture
def plan(officer: httpx.Client) -> str:
    body = {"carrier": "happy_family", "area_code": HERE, "year": next(YEARS), "title": "A plan"}
    return f"/v1/plans/{officer.post('/v1/plans', json=body).json()['id']}"


def edited(http: httpx.Client, plan: str, title: str, tag: str | None) -> httpx.Response:
    return http.patch(plan, json={"title": title}, headers={"If-Match": tag} if tag else {})


def test_an_etag_is_strong_and_another_one_once_anything_changed(officer: httpx.Client, plan: str) -> None:
    first, again = officer.get(plan), officer.get(plan)
    assert first.headers["ETag"] == again.headers["ETag"]
    assert first.headers["ETag"].startswith('"1-')
    assert edited(officer, plan, "Another", None).json() == {"version": 2}
    assert officer.get(plan).headers["ETag"].startswith('"2-')


def test_who_has_it_already_is_told_so_without_a_body(officer: httpx.Client, plan: str) -> None:
    tag = officer.get(plan).headers["ETag"]
    for known in (tag, f'"x", {tag}', f"W/{tag}", "*"):
        answer = officer.get(plan, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)
    assert officer.get(plan, headers={"If-None-Match": '"x"'}).status_code == 200


def test_a_file_that_is_known_is_read_on_record_all_the_same(
    door: FrontDoor, officer: httpx.Client, county: County
) -> None:
    where = f"/v1/households/{county.households[0]['household_id']}"
    tag = officer.get(where).headers["ETag"]
    assert officer.get(where, headers={"If-None-Match": tag}).status_code == 304
    history = officer.get(where).json()
    assert history["household_id"] == county.households[0]["household_id"]


def test_the_second_of_two_editors_is_told_what_changed(door: FrontDoor, officer: httpx.Client, plan: str) -> None:
    tag = officer.get(plan).headers["ETag"]
    with door.person(Role.TOWNSHIP_OFFICER, area=HERE) as other:
        assert edited(other, plan, "李某 was here", tag).status_code == 200
    answer = edited(officer, plan, "Mine", tag)
    told = assert_problem(answer, 412, "version-conflict")
    assert (told["version"], told["changes"][0]["fields"]) == (2, ["title"])
    assert told["changes"][0]["roles"] == ["township_officer"]
    assert "李某" not in answer.text
    assert edited(officer, plan, "Mine", officer.get(plan).headers["ETag"]).status_code == 200


def test_the_field_says_the_same_as_the_header_and_both_may_not_differ(officer: httpx.Client, plan: str) -> None:
    edited(officer, plan, "First", None)
    assert_problem(officer.patch(plan, json={"title": "x", "version": 1}), 412, "version-conflict")
    tag = officer.get(plan).headers["ETag"]
    both = officer.patch(plan, json={"title": "x", "version": 1}, headers={"If-Match": tag})
    assert assert_problem(both, 422, "body-invalid")["pointers"] == ["/version"]
    assert officer.patch(plan, json={"title": "y", "version": 2}, headers={"If-Match": tag}).status_code == 200


@pytest.mark.parametrize("tag", ['"never-given"', "nonsense", 'W/"1-' + "0" * 32 + '"', ""])
def test_an_etag_that_was_never_given_matches_nothing(officer: httpx.Client, plan: str, tag: str) -> None:
    answer = officer.patch(plan, json={"title": "x"}, headers={"If-Match": tag})
    assert_problem(answer, 412, "version-conflict")


def test_any_version_will_do_if_so_said(officer: httpx.Client, plan: str) -> None:
    assert edited(officer, plan, "x", "*").status_code == 200


def test_a_condition_is_never_ignored_where_it_cannot_be_kept(officer: httpx.Client, county: County) -> None:
    where = f"/v1/matches/{county.match['match_id']}/helper-acceptance"
    assert_problem(officer.post(where, headers={"If-Match": '"1-x"'}), 422, "if-match-not-taken")


def test_another_townships_editor_learns_no_version(door: FrontDoor, plan: str) -> None:
    with door.person(Role.TOWNSHIP_OFFICER, area=THERE) as stranger:
        assert_problem(edited(stranger, plan, "x", f'"9-{"0" * 32}"'), 404, "not-found")


def test_control_a_door_that_drops_the_condition_lets_the_second_overwrite(
    door: FrontDoor, officer: httpx.Client, plan: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = officer.get(plan).headers["ETag"]
    edited(officer, plan, "First", None)
    monkeypatch.setattr("gateway.api.commands.seen", lambda request, command: command)
    assert edited(officer, plan, "Second", tag).status_code == 200


def test_every_read_of_one_resource_has_an_etag_in_the_document() -> None:
    single = {one.id for one in OPERATIONS if one.single}
    assert {"activities.plan", "households.household_file", "pairing.match_round"} <= single
    assert "activities.list_plans" not in single


def test_an_answer_in_another_language_has_another_etag() -> None:
    request = Request({"type": "http", "headers": [(b"if-none-match", b'"x"')]})
    first, second = (versions.tagged(request, Response(text)) for text in ("{}", "{ }"))
    assert first.headers["etag"] != second.headers["etag"]


def test_what_is_deprecated_says_so_with_refusals_too(
    database_server: str, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Deprecated(date(2026, 1, 1), date(2026, 12, 1), "/v1/plans")

    def served() -> tuple[Operation, ...]:
        return tuple(replace(one, deprecated=old) if one.id == "session.me" else one for one in OPERATIONS)

    monkeypatch.setattr(app, "operations", served)
    settings = settings_for(database_server, fresh(f"{namespace}dep"), date(2026, 4, 15), county="990101", port=0)
    with open_door(settings) as door, door.anybody() as http:
        answer = http.get("/v1/me")
        assert answer.status_code == 401
        assert answer.headers["Sunset"] == "Tue, 01 Dec 2026 00:00:00 GMT"
        assert 'kith_deprecated_requests_total{operation="session.me"}' in http.get("/metrics").text
        assert "Sunset" not in http.get("/health/live").headers
