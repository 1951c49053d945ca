"""Standing in for somebody: with no more than they have, on the days that were named, and with both on record."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.actor import Role
from gateway.office.usecases import delegations as usecases
from tests.integration.gateway.api.conftest import TODAY, County
from tests.integration.gateway.api.test_approvals import account, approve, ask, fresh_name, made
from tests.support.authenticators import Person, enrolled, somebody
from tests.support.front_door import COUNTY, HERE, THERE, FrontDoor, open_door
from tests.support.hosting import fresh, settings_for


def body(to: UUID, *roles: Role, area: str = HERE, first: int = 0, last: int = 6) -> dict[str, Any]:
    return {
        "to_account_id": str(to),
        "roles": [str(role) for role in roles],
        "area_code": area,
        "first_day": str(TODAY + timedelta(days=first)),
        "last_day": str(TODAY + timedelta(days=last)),
    }


def signed_in(person: Person) -> httpx.Client:
    return person.door.signed_in(person.password().json()["token"])


def standing_in(person: Person, delegation: str, purpose: str | None = None) -> httpx.Client:
    http = signed_in(person)
    http.headers["Kith-Delegation"] = delegation
    if purpose:
        http.headers["Kith-Purpose"] = purpose
    return http


def given(giver: Person, taker: Person, *roles: Role, **more: Any) -> str:
    with signed_in(giver) as http:
        answer = http.post("/v1/delegations", json=body(taker.id, *roles, **more))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_a_stand_in_has_roles_and_area_of_whom_they_stand_in_for_and_both_are_on_record(
    door: FrontDoor, county: County
) -> None:
    officer = somebody(door, Role.TOWNSHIP_OFFICER, area=HERE)
    worker = somebody(door, Role.VILLAGE_WORKER, area=f"{HERE}201")
    household = next(row for row in county.households if not row["area_code"].startswith(worker_area(door, worker)))
    delegation = given(officer, worker, Role.TOWNSHIP_OFFICER)
    file = f"/v1/households/{household['household_id']}"
    with standing_in(worker, delegation, "survey") as http:
        told = http.get("/v1/me").json()
        assert http.get(file).status_code == 200
        assert http.get("/v1/matches").status_code == 200
    assert (told["account_id"], told["on_behalf_of"]) == (str(worker.id), str(officer.id))
    assert (told["roles"], told["area_code"]) == (["township_officer"], HERE)
    with signed_in(worker) as http:
        http.headers["Kith-Purpose"] = "survey"
        assert http.get(file).status_code == 404, "the control arm: without the delegation it is not theirs to see"


def worker_area(door: FrontDoor, worker: Person) -> str:
    return str(door.rows("select area_code from account where id = :id", id=worker.id)[0][0])


def test_what_a_stand_in_does_names_both(door: FrontDoor, county: County) -> None:
    officer = somebody(door, Role.TOWNSHIP_OFFICER, area=HERE)
    worker = somebody(door, Role.VILLAGE_WORKER, area=HERE)
    delegation = given(officer, worker, Role.TOWNSHIP_OFFICER)
    with standing_in(worker, delegation) as http:
        assert http.post("/v1/accounts", json={}).status_code == 403
    rows = door.rows("select roles from audit where actor_id = :id and outcome = 'role-missing'", id=str(worker.id))
    assert [row.roles for row in rows] == [f"township_officer for {officer.id}"]


@pytest.mark.parametrize(("first", "last", "stands"), [(0, 0, True), (1, 3, False), (0, 5, True)])
def test_it_holds_on_its_days(door: FrontDoor, first: int, last: int, stands: bool) -> None:
    officer, worker = (
        somebody(door, Role.TOWNSHIP_OFFICER, area=HERE),
        somebody(door, Role.VILLAGE_WORKER, area=HERE),
    )
    delegation = given(officer, worker, Role.TOWNSHIP_OFFICER, first=first, last=last)
    with standing_in(worker, delegation) as http:
        answer = http.get("/v1/me")
    assert answer.status_code == (200 if stands else 403)
    assert stands or answer.json()["code"] == "delegation-over"


def test_it_ends_by_itself(door: FrontDoor) -> None:
    officer, worker = (
        somebody(door, Role.TOWNSHIP_OFFICER, area=HERE),
        somebody(door, Role.VILLAGE_WORKER, area=HERE),
    )
    delegation = given(officer, worker, Role.TOWNSHIP_OFFICER)
    with standing_in(worker, delegation) as http:
        assert http.get("/v1/me").status_code == 200, (
            "the control arm: the same session, before the last day is over"
        )
        door.change(
            "update delegation set first_day = first_day - 7, last_day = last_day - 7 where id = :id", id=delegation
        )
        assert http.get("/v1/me").json()["code"] == "delegation-over"
        del http.headers["Kith-Delegation"]
        assert http.get("/v1/me").status_code == 200, "they are themselves as ever"


@pytest.mark.parametrize("side", ["giver", "taker"])
def test_either_side_ends_it_early(door: FrontDoor, side: str) -> None:
    officer, worker = (
        somebody(door, Role.TOWNSHIP_OFFICER, area=HERE),
        somebody(door, Role.VILLAGE_WORKER, area=HERE),
    )
    other = somebody(door, Role.TOWNSHIP_OFFICER, area=HERE)
    delegation = given(officer, worker, Role.TOWNSHIP_OFFICER)
    path = f"/v1/delegations/{delegation}/end"
    with signed_in(other) as http:
        assert http.post(path).status_code == 404, "nobody else's"
        assert http.get("/v1/delegations").json() == {"items": []}
    with signed_in(officer if side == "giver" else worker) as http:
        (row,) = http.get("/v1/delegations").json()["items"]
        assert (row["delegation_id"], row["ended_at"]) == (delegation, None)
        assert http.post(path).status_code == 200
        assert http.post(path).status_code == 404, "it is over already"
    with standing_in(worker, delegation) as http:
        assert http.get("/v1/me").json()["code"] == "delegation-over"


def test_it_ends_with_the_account_of_who_gave_it(door: FrontDoor) -> None:
    officer, worker = (
        somebody(door, Role.TOWNSHIP_OFFICER, area=HERE),
        somebody(door, Role.VILLAGE_WORKER, area=HERE),
    )
    delegation = given(officer, worker, Role.TOWNSHIP_OFFICER)
    with door.person(Role.OPERATOR) as operator, standing_in(worker, delegation) as http:
        assert http.get("/v1/me").status_code == 200
        assert operator.post(f"/v1/accounts/{officer.id}/close").status_code == 200
        assert http.get("/v1/me").json()["code"] == "delegation-over"


def test_it_opens_nothing_to_anybody_else(door: FrontDoor) -> None:
    officer, worker = (
        somebody(door, Role.TOWNSHIP_OFFICER, area=HERE),
        somebody(door, Role.VILLAGE_WORKER, area=HERE),
    )
    delegation = given(officer, worker, Role.TOWNSHIP_OFFICER)
    with standing_in(somebody(door, Role.VILLAGE_WORKER, area=HERE), delegation) as http:
        assert http.get("/v1/me").json()["code"] == "delegation-over"
    with standing_in(worker, "no id") as http:
        assert http.get("/v1/me").json()["code"] == "delegation-invalid"


def test_it_is_never_wider_than_who_gives_it(door: FrontDoor) -> None:
    officer, worker = (
        somebody(door, Role.TOWNSHIP_OFFICER, area=HERE),
        somebody(door, Role.VILLAGE_WORKER, area=HERE),
    )
    elsewhere = somebody(door, Role.VILLAGE_WORKER, area=THERE)
    family = somebody(door, Role.FAMILY_MEMBER, area=HERE)
    tried = {
        "roles-not-yours": body(worker.id, Role.COUNTY_OFFICER),
        "out-of-area": body(worker.id, Role.TOWNSHIP_OFFICER, area=THERE),
        "not-found": body(elsewhere.id, Role.TOWNSHIP_OFFICER),
        "not-a-stand-in": body(family.id, Role.TOWNSHIP_OFFICER),
        "days-not-allowed": body(worker.id, Role.TOWNSHIP_OFFICER, last=92),
    }
    with signed_in(officer) as http:
        for code, sent in tried.items():
            assert http.post("/v1/delegations", json=sent).json()["code"] == code
        for first, last in ((-1, 3), (3, 2), (93, 94)):
            sent = body(worker.id, Role.TOWNSHIP_OFFICER, first=first, last=last)
            assert http.post("/v1/delegations", json=sent).json()["code"] == "days-not-allowed"
        assert http.post("/v1/delegations", json=body(officer.id, Role.TOWNSHIP_OFFICER)).json()["code"] == (
            "not-a-stand-in"
        )
        assert http.post("/v1/delegations", json=body(worker.id, Role.TOWNSHIP_OFFICER, last=91)).status_code == 201


def test_a_delegation_is_not_passed_on(door: FrontDoor) -> None:
    officer, worker = (
        somebody(door, Role.TOWNSHIP_OFFICER, area=HERE),
        somebody(door, Role.VILLAGE_WORKER, area=HERE),
    )
    third = somebody(door, Role.VILLAGE_WORKER, area=HERE)
    delegation = given(officer, worker, Role.TOWNSHIP_OFFICER)
    with standing_in(worker, delegation) as http:
        assert http.post("/v1/delegations", json=body(third.id, Role.TOWNSHIP_OFFICER)).json()["code"] == (
            "only-personally"
        )
        assert http.post(f"/v1/delegations/{delegation}/end").json()["code"] == "only-personally"
        for path in ("/v1/second-factor", "/v1/sessions"):
            method = "POST" if path == "/v1/second-factor" else "GET"
            assert http.request(method, path).json()["code"] == "only-personally"
    with signed_in(worker) as http:
        assert http.post("/v1/delegations", json=body(third.id, Role.TOWNSHIP_OFFICER)).json()["code"] == (
            "roles-not-yours"
        )


@pytest.mark.parametrize(("giver", "taker"), [(Role.OPERATOR, Role.AUDITOR), (Role.AUDITOR, Role.OPERATOR)])
def test_nobody_is_operator_and_auditor_by_standing_in(door: FrontDoor, giver: Role, taker: Role) -> None:
    one, other = somebody(door, giver), somebody(door, taker)
    with signed_in(one) as http:
        refused = http.post("/v1/delegations", json=body(other.id, giver, area=COUNTY))
    assert refused.json()["code"] == "roles-exclude-each-other"


def test_nor_by_standing_in_for_one_of_each(door: FrontDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    operator, auditor = somebody(door, Role.OPERATOR), somebody(door, Role.AUDITOR)
    officer = somebody(door, Role.COUNTY_OFFICER)
    given(operator, officer, Role.OPERATOR, area=COUNTY, first=10, last=12)
    sent = body(officer.id, Role.AUDITOR, area=COUNTY)
    with signed_in(auditor) as http:
        assert http.post("/v1/delegations", json=sent).json()["code"] == "roles-exclude-each-other"
        monkeypatch.setattr(usecases, "_with_all", lambda *_: set())
        assert http.post("/v1/delegations", json=sent).status_code == 201, "the broken arm: nobody looks"


def test_who_stands_in_where_a_second_factor_is_needed_has_one(database_server: str, namespace: str) -> None:
    settings = settings_for(
        database_server, fresh(f"{namespace}del"), TODAY, county=COUNTY, port=0, second_factor="required"
    )
    with open_door(settings) as strict:
        officer, worker = (
            enrolled(strict, Role.TOWNSHIP_OFFICER, area=HERE),
            somebody(strict, Role.VILLAGE_WORKER, area=HERE),
        )
        with strict.signed_in(officer.token) as http:
            made = http.post("/v1/delegations", json=body(worker.id, Role.TOWNSHIP_OFFICER))
        delegation = made.json()["id"]
        with standing_in(worker, delegation) as http:
            assert http.get("/v1/me").json()["code"] == "second-factor-needed"
        with signed_in(worker) as http:
            worker.enrol(http)
        with strict.signed_in(worker.token) as http:
            http.headers["Kith-Delegation"] = delegation
            assert http.get("/v1/me").json()["on_behalf_of"] == str(officer.id), "the control arm"


@pytest.mark.parametrize(
    ("since", "done"),
    [
        ((), False),
        ((Role.OPERATOR, COUNTY), True),
        ((Role.OPERATOR, HERE), False),
        ((Role.VILLAGE_WORKER, COUNTY), False),
        ((Role.UNIT_OFFICER, COUNTY), False),
    ],
    ids=["over", "anew", "less-area", "less-roles", "other-way"],
)
def test_what_was_asked_in_somebodys_place_is_done_while_they_may_stand_there_for_that(
    door: FrontDoor, since: tuple[Role, str] | tuple[()], done: bool
) -> None:
    giver = somebody(door, Role.OPERATOR, Role.VILLAGE_WORKER)
    taker = somebody(door, Role.VILLAGE_WORKER, Role.UNIT_OFFICER)
    delegation, name = given(giver, taker, Role.OPERATOR, area=COUNTY), fresh_name()
    with standing_in(taker, delegation) as http:
        asked = ask(http, account(name, "operator"))
    with signed_in(giver) as http:
        assert http.post(f"/v1/delegations/{delegation}/end").status_code == 200
    if since:
        role, area = since
        pair = (taker, giver) if role is Role.UNIT_OFFICER else (giver, taker)
        given(*pair, role, area=area)
    with door.somebody_else(Role.WORKING_GROUP) as second:
        assert approve(second, asked).json()["state"] == ("done" if done else "refused")
    assert made(door, name) == int(done)
