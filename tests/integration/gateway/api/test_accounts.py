"""Accounts are an operator's business; who keeps the system does not audit it."""

from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from contracts.actor import Role
from tests.support.front_door import COUNTY, HERE, PASSWORD, THERE, FrontDoor


def new(username: str, *roles: str, area: str = COUNTY, **more: object) -> dict[str, object]:
    return {"username": username, "password": PASSWORD, "roles": list(roles), "area_code": area, **more}


def test_an_operator_makes_an_account_that_can_sign_in(door: FrontDoor) -> None:
    with door.person(Role.OPERATOR) as operator:
        answer = operator.post("/v1/accounts", json=new("new.officer", "unit_officer", area=HERE))
        assert answer.status_code == 201
        shown = [row for row in pages(operator) if row["account_id"] == answer.json()["id"]]
    assert shown == [
        {"account_id": answer.json()["id"], "username": "new.officer", "roles": ["unit_officer"], "area_code": HERE,
         "subject_id": None, "active": True}
    ]  # fmt: skip
    assert door.token("new.officer")


def pages(operator: object) -> list[dict[str, object]]:
    found, cursor = [], None
    while True:
        params = {"limit": 3, **({"cursor": cursor} if cursor else {})}
        page = operator.get("/v1/accounts", params=params).json()  # type: ignore[attr-defined]
        found += page["items"]
        if not (cursor := page["next_cursor"]):
            return found


def test_pages_hold_every_account_once(door: FrontDoor) -> None:
    with door.person(Role.OPERATOR) as operator:
        ids = [row["account_id"] for row in pages(operator)]
    ((known,),) = door.rows("select count(*) from account")
    assert len(ids) == len(set(ids)) == known


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OPERATOR, Role.SYSTEM}))
def test_nobody_but_an_operator_keeps_accounts(door: FrontDoor, role: Role) -> None:
    with door.person(role) as http:
        assert http.post("/v1/accounts", json=new("x" * 5, "auditor")).json()["code"] == "role-missing"
        assert http.get("/v1/accounts").status_code == 403
        assert http.post(f"/v1/accounts/{UUID(int=1)}/close").status_code == 403


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (new("machine", "system"), 422, "role-not-given"),
        (new("roleless"), 422, "body-invalid"),
        (new("short", "auditor", area="99"), 422, "body-invalid"),
        (new("Bad Name", "auditor"), 422, "body-invalid"),
        ({**new("weak", "auditor"), "password": "pw of mine"}, 422, "body-invalid"),
        (new("extra1", "auditor", admin=True), 422, "body-invalid"),
        (new("elsewhere", "auditor", area="110101"), 404, "out-of-area"),
    ],
)
def test_an_account_that_may_not_be_is_refused(
    door: FrontDoor, body: dict[str, object], status: int, code: str
) -> None:
    with door.person(Role.OPERATOR) as operator:
        answer = operator.post("/v1/accounts", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert str(body["password"]) not in answer.text


def test_nobody_becomes_both_operator_and_auditor_though_two_people_want_it(door: FrontDoor) -> None:
    with door.person(Role.OPERATOR) as operator, door.person(Role.WORKING_GROUP) as second:
        asked = operator.post("/v1/accounts", json=new("both", "operator", "auditor"))
        agreed = second.post(f"{asked.headers['Location']}/approve", json={"reason": "as asked"})
    assert (agreed.json()["state"], agreed.json()["refusal"]["code"]) == ("refused", "roles-exclude-each-other")


@pytest.mark.parametrize("role", ["helper", "family_member"])
def test_an_account_of_somebody_says_of_whom(door: FrontDoor, role: str) -> None:
    with door.person(Role.OPERATOR) as operator, door.person(Role.WORKING_GROUP) as second:
        asked = operator.post("/v1/accounts", json=new(f"of.nobody.{role}", role))
        agreed = second.post(f"{asked.headers['Location']}/approve", json={"reason": "as asked"})
    assert (agreed.json()["state"], agreed.json()["refusal"]["code"]) == ("refused", "subject-missing")


def test_a_name_is_given_once(door: FrontDoor) -> None:
    with door.person(Role.OPERATOR) as operator:
        assert operator.post("/v1/accounts", json=new("given.once", "unit_officer")).status_code == 201
        assert (
            operator.post("/v1/accounts", json=new("given.once", "unit_officer")).json()["code"] == "username-taken"
        )


def test_the_database_itself_refuses_an_operator_who_audits(door: FrontDoor) -> None:
    with pytest.raises(IntegrityError, match="operator_is_no_auditor"):
        door.change(
            "insert into account (id, username, password_hash, roles, area_code)"
            " values (gen_random_uuid(), 'both', '', array['auditor', 'operator'], '990101')"
        )


def test_an_operator_of_one_township_neither_sees_nor_closes_accounts_of_another(door: FrontDoor) -> None:
    _, there = door.account(Role.TOWNSHIP_OFFICER, area=THERE)
    with door.person(Role.OPERATOR, area=HERE) as operator:
        assert str(there) not in {row["account_id"] for row in pages(operator)}
        assert operator.post(f"/v1/accounts/{there}/close").status_code == 404
    ((active,),) = door.rows("select active from account where id = :id", id=there)
    assert active
