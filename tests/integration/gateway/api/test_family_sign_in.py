"""Families sign in by a code or a card from a worker of their own area, or with that worker beside."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa

from contracts.actor import Role
from gateway.api.rates import Allowance
from gateway.office import proofs
from gateway.office.store import family_access
from tests.integration.gateway.api.conftest import TODAY, County
from tests.support.authenticators import Person, opened, somebody
from tests.support.front_door import COUNTY, HERE, THERE, FrontDoor, open_door
from tests.support.hosting import fresh, settings_for

WORKERS = [Role.VILLAGE_WORKER, Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER]


@pytest.fixture
def family(door: FrontDoor) -> Person:
    return somebody(door, Role.FAMILY_MEMBER, area=HERE)


def worker(door: FrontDoor, area: str = HERE) -> httpx.Client:
    return door.person(Role.VILLAGE_WORKER, area=area)


def code_for(family: Person) -> dict[str, str]:
    with worker(family.door) as http:
        answer = http.post(f"/v1/family-accounts/{family.id}/code")
    assert answer.status_code == 201, answer.text
    told = answer.json()
    return {"username": told["username"], "code": told["code"]}


def card_for(family: Person) -> dict[str, str]:
    with worker(family.door) as http:
        answer = http.post(f"/v1/family-accounts/{family.id}/cards")
    assert answer.status_code == 201, answer.text
    return {name: answer.json()[name] for name in ("card_id", "card", "pin")}


def by_code(family: Person, said: dict[str, str], code: str | None = None) -> httpx.Response:
    return opened(family.door, "/v1/session/code", {**said, "code": code or said["code"]})


def by_card(family: Person, card: dict[str, str], pin: str | None = None) -> httpx.Response:
    return opened(family.door, "/v1/session/card", {"card": card["card"], "pin": pin or card["pin"]})


def wrong_pins(family: Person, card: dict[str, str]) -> int:
    ((counted,),) = family.door.rows("select wrong_pins from card where id = :id", id=UUID(card["card_id"]))
    return int(counted)


def unlock(family: Person) -> None:
    family.door.change("update account set attempts = 0, locked_until = null where id = :id", id=family.id)


def wrong(right: str) -> str:
    return right[:-1] + ("2" if right[-1] != "2" else "3")


# --- codes


def test_a_code_opens_the_familys_account_once(door: FrontDoor, family: Person) -> None:
    said = code_for(family)
    assert len(said["code"]) == 8
    first = by_code(family, said, f"{said['code'][:4].lower()}-{said['code'][4:].lower()}")
    assert (first.status_code, first.json()["account_id"]) == (201, str(family.id))
    with door.signed_in(first.json()["token"]) as http:
        assert http.get("/v1/me").json()["roles"] == ["family_member"]
    again = by_code(family, said)
    assert (again.status_code, again.json()["code"]) == (401, "family-sign-in-refused")


def test_a_code_ends_after_a_quarter_of_an_hour(door: FrontDoor, family: Person) -> None:
    said = code_for(family)
    ((life,),) = door.rows(
        "select extract(epoch from expires_at - issued_at) from one_time_code where account_id = :id", id=family.id
    )
    assert round(life) == 15 * 60
    door.change("update one_time_code set expires_at = now() where account_id = :id", id=family.id)
    assert by_code(family, said).status_code == 401
    door.change(
        "update one_time_code set expires_at = now() + interval '1 minute' where account_id = :id", id=family.id
    )
    assert by_code(family, said).status_code == 201, "the control arm"


def test_a_code_bears_five_guesses(door: FrontDoor, family: Person) -> None:
    said = code_for(family)
    for _ in range(4):
        assert by_code(family, said, wrong(said["code"])).status_code == 401
    unlock(family)
    assert by_code(family, said).status_code == 201, "the control arm: the fifth may be right"
    said = code_for(family)
    for _ in range(5):
        assert by_code(family, said, wrong(said["code"])).status_code == 401
    unlock(family)
    assert by_code(family, said).status_code == 401, "even where the account is not locked"


def test_broken_arm_guesses_that_are_not_counted_come_through(
    door: FrontDoor, family: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(family_access, "GUESSES", 1_000)
    said = code_for(family)
    for _ in range(5):
        by_code(family, said, wrong(said["code"]))
    unlock(family)
    assert by_code(family, said).status_code == 201


def test_guessing_codes_locks_the_account(door: FrontDoor, family: Person) -> None:
    said = code_for(family)
    for _ in range(5):
        assert by_code(family, said, wrong(said["code"])).status_code == 401
    said = code_for(family)
    assert by_code(family, said).status_code == 401, "a new code does not help for a quarter of an hour"
    unlock(family)
    assert by_code(family, said).status_code == 201, "the control arm"


def test_guessing_is_limited_by_address_too(database_server: str, namespace: str) -> None:
    settings = settings_for(database_server, fresh(f"{namespace}adr"), TODAY, county=COUNTY, port=0)
    with open_door(settings, Allowance("1000/minute", ("1000/minute",), "6/minute")) as narrow:
        tried = [
            opened(narrow, path, sent).status_code
            for path, sent in [
                ("/v1/session/code", {"username": "nobody", "code": "22222222"}),
                ("/v1/session/card", {"card": "x", "pin": "000000"}),
            ]
            * 4
        ]
    assert tried == [401] * 6 + [429] * 2


def test_a_code_tried_at_the_same_moment_opens_once(door: FrontDoor, family: Person) -> None:
    said = code_for(family)
    with ThreadPoolExecutor(4) as people:
        tried = list(people.map(lambda _: by_code(family, said).status_code, range(4)))
    assert sorted(tried) == [201, 401, 401, 401]


def test_codes_that_are_over_are_forgotten(door: FrontDoor, family: Person) -> None:
    code_for(family)
    with door.database.begin() as connection:
        family_access.purge_codes(connection, datetime.now(UTC))
    held = "select 1 from one_time_code where account_id = :id"
    assert door.rows(held, id=family.id), "the control arm: this one may still be used"
    door.change("update one_time_code set expires_at = now() where account_id = :id", id=family.id)
    with door.database.begin() as connection:
        assert family_access.purge_codes(connection, datetime.now(UTC)) >= 1
    assert not door.rows(held, id=family.id)


def test_a_new_code_ends_the_one_before_and_one_can_be_taken_back(door: FrontDoor, family: Person) -> None:
    first, second = code_for(family), code_for(family)
    assert by_code(family, first).status_code == 401
    with worker(door) as http:
        assert http.post(f"/v1/family-accounts/{family.id}/code/revoke").status_code == 200
        assert http.post(f"/v1/family-accounts/{family.id}/code/revoke").status_code == 404
    assert by_code(family, second).status_code == 401
    assert by_code(family, code_for(family)).status_code == 201, "the control arm"


def test_a_code_is_told_once_and_kept_as_a_hash(door: FrontDoor, family: Person) -> None:
    with worker(door) as http:
        keys = {"Idempotency-Key": f"code-{family.id}"}
        first = http.post(f"/v1/family-accounts/{family.id}/code", headers=keys).json()
        again = http.post(f"/v1/family-accounts/{family.id}/code", headers=keys).json()
    assert (again["code_id"], again["code"]) == (first["code_id"], None)
    for table in ("one_time_code", "idempotency", "audit", "verdict"):
        assert not door.rows(f"select 1 from {table} t where t::text like :code", code=f"%{first['code']}%"), table


def test_a_code_of_one_family_does_not_open_another(door: FrontDoor, family: Person) -> None:
    other = somebody(door, Role.FAMILY_MEMBER, area=HERE)
    mine, theirs = code_for(family), code_for(other)
    assert by_code(family, mine, theirs["code"]).status_code == 401


# --- cards


def test_a_card_and_its_pin_open_the_familys_account_again_and_again(door: FrontDoor, family: Person) -> None:
    card = card_for(family)
    assert (len(card["card"]), len(card["pin"])) == (len("KITH:") + 32, 6)
    for _ in range(2):
        answer = by_card(family, card)
        assert (answer.status_code, answer.json()["account_id"]) == (201, str(family.id))


def test_a_card_without_its_pin_opens_nothing(door: FrontDoor, family: Person) -> None:
    card = card_for(family)
    assert by_card(family, card, wrong(card["pin"])).status_code == 401
    assert by_card(family, {**card, "card": wrong(card["card"])}).status_code == 401
    assert by_card(family, card).status_code == 201, "the control arm"


def test_guessing_pins_locks_the_account_and_then_ends_the_card(door: FrontDoor, family: Person) -> None:
    card = card_for(family)
    assert [by_card(family, card, wrong(card["pin"])).status_code for _ in range(5)] == [401] * 5
    assert by_card(family, card).status_code == 401, "locked"
    unlock(family)
    assert by_card(family, card).status_code == 201, "the control arm"
    for _ in range(2):
        assert [by_card(family, card, wrong(card["pin"])).status_code for _ in range(5)] == [401] * 5
        unlock(family)
    assert by_card(family, card).status_code == 401, "ten in a row ended it"


def test_pins_tried_at_the_same_moment_are_all_counted(door: FrontDoor, family: Person) -> None:
    card = card_for(family)
    with ThreadPoolExecutor(4) as people:
        tried = people.map(lambda _: by_card(family, card, wrong(card["pin"])).status_code, range(8))
    assert set(tried) == {401}
    assert by_card(family, card).status_code == 401, "locked"
    assert wrong_pins(family, card) == 5, "and after that no guess was one"


def test_a_locked_account_does_not_use_up_the_card(door: FrontDoor, family: Person) -> None:
    card = card_for(family)
    for _ in range(5):
        opened(door, "/v1/session", {"username": family.username, "password": "not the one"})
    tries = [by_card(family, card).status_code for _ in range(10)]
    assert (tries, wrong_pins(family, card)) == ([401] * 10, 0)
    unlock(family)
    assert by_card(family, card).status_code == 201


def test_a_revoked_card_opens_nothing_and_who_is_in_by_it_is_out(door: FrontDoor, family: Person) -> None:
    card, other = card_for(family), card_for(family)
    token = by_card(family, card).json()["token"]
    with worker(door) as http, door.signed_in(token) as inside:
        assert inside.get("/v1/me").status_code == 200
        (row,) = http.get("/v1/family-accounts", params={"household_id": str(UUID(int=7)), "limit": 500}).json()[
            "items"
        ][-1:]
        assert {one["card_id"] for one in row["cards"]} == {card["card_id"], other["card_id"]}
        assert {one["issued_by"] for one in row["cards"]} == {http.get("/v1/me").json()["account_id"]}
        assert http.post(f"/v1/cards/{card['card_id']}/revoke").status_code == 200
        assert http.post(f"/v1/cards/{card['card_id']}/revoke").status_code == 404
        assert inside.get("/v1/me").status_code == 401
    assert by_card(family, card).status_code == 401
    assert by_card(family, other).status_code == 201, "the control arm"


def test_a_card_that_is_revoked_while_its_pin_is_looked_at_opens_nothing(
    door: FrontDoor, family: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, other = card_for(family), card_for(family)
    held = family_access.card_held

    def revoked_just_now(connection: sa.Connection, card_id: UUID) -> bool:
        door.change("update card set revoked_at = now() where id = :id", id=UUID(card["card_id"]))
        return held(connection, card_id)

    monkeypatch.setattr(family_access, "card_held", revoked_just_now)
    assert by_card(family, card).status_code == 401
    assert by_card(family, other).status_code == 201, "the control arm"


def test_a_card_is_kept_as_hashes(door: FrontDoor, family: Person) -> None:
    card = card_for(family)
    ((kept,),) = door.rows("select c::text from card c where id = :id", id=UUID(card["card_id"]))
    assert card["card"].removeprefix("KITH:") not in kept
    assert "$argon2id$" in kept
    for table in ("idempotency", "audit", "verdict"):
        for secret in (card["card"], f'"{card["pin"]}"'):
            assert not door.rows(f"select 1 from {table} t where t::text like :s", s=f"%{secret}%")


def test_the_qr_code_holds_the_card(door: FrontDoor, family: Person) -> None:
    with worker(door) as http:
        told = http.post(f"/v1/family-accounts/{family.id}/cards").json()
    assert told["qr"] == proofs.qr(told["card"])


# --- who may


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM, *WORKERS}))
def test_nobody_but_workers_lets_families_in(door: FrontDoor, family: Person, role: Role) -> None:
    with door.person(role, area=HERE) as http:
        assert http.post(f"/v1/family-accounts/{family.id}/code").status_code == 403
        assert http.post(f"/v1/family-accounts/{family.id}/cards").status_code == 403
        assert http.post("/v1/session/assisted", json=assisting(family)).status_code == 403


@pytest.mark.parametrize("role", WORKERS)
def test_workers_do_so_in_their_own_area_alone(door: FrontDoor, family: Person, role: Role) -> None:
    card = card_for(family)
    paths = [f"/v1/family-accounts/{family.id}/{what}" for what in ("code", "cards", "code/revoke")]
    with door.person(role, area=THERE) as http:
        for path in (*paths, f"/v1/cards/{card['card_id']}/revoke"):
            assert http.post(path).status_code == 404, path
        assert http.post("/v1/session/assisted", json=assisting(family)).status_code == 404
        assert door.rows(
            "select 1 from audit where what = 'session.open_assisted' and about = :id and outcome = 'not-found'",
            id=str(family.id),
        ), "who tried is on record"
        assert str(family.id) not in {row["account_id"] for row in http.get("/v1/family-accounts").json()["items"]}
    with door.person(role, area=HERE) as http:
        assert [http.post(path).status_code for path in paths] == [201, 201, 200], "the control arm"


def test_an_account_that_is_more_than_a_familys_has_neither_code_nor_card(door: FrontDoor) -> None:
    both = somebody(door, Role.FAMILY_MEMBER, Role.COUNTY_OFFICER, area=HERE)
    with worker(door) as http:
        assert http.post(f"/v1/family-accounts/{both.id}/code").status_code == 404
        assert http.post(f"/v1/family-accounts/{both.id}/cards").status_code == 404
        assert http.post("/v1/session/assisted", json=assisting(both)).status_code == 404


def test_a_worker_opens_the_account_of_a_household_once(door: FrontDoor, county: County) -> None:
    household = county.households[1]
    sent = {"household_id": household["household_id"], "area_code": household["area_code"]}
    with door.person(Role.TOWNSHIP_OFFICER, area=HERE) as http:
        made, again = (http.post("/v1/family-accounts", json=sent) for _ in range(2))
        assert (made.status_code, made.json()) == (201, again.json())
        assert http.post("/v1/family-accounts", json={**sent, "area_code": THERE}).json()["code"] == "out-of-area"
        code = http.post(f"/v1/family-accounts/{made.json()['id']}/code").json()
    for guess in ("", "!", "of no account"):
        refused = opened(door, "/v1/session", {"username": code["username"], "password": guess})
        assert refused.status_code == 401, "it has no password"
    told = opened(door, "/v1/session/code", {"username": code["username"], "code": code["code"]})
    with door.signed_in(told.json()["token"], "own_data") as http:
        assert http.get(f"/v1/households/{household['household_id']}").status_code == 200
        other = county.households[2]["household_id"]
        assert http.get(f"/v1/households/{other}").status_code == 404, "no family but their own"


def test_a_worker_of_another_township_opens_no_account_for_a_household_by_its_id(
    door: FrontDoor, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = {"household_id": county.households[3]["household_id"], "area_code": THERE}
    with worker(door, THERE) as http:
        answer = http.post("/v1/family-accounts", json=sent)
        assert (answer.status_code, answer.json()["pointers"]) == (404, ["/household_id"])
        monkeypatch.setattr(family_access, "home_of", lambda *_, **__: THERE)
        assert http.post("/v1/family-accounts", json=sent).status_code == 201, "control: a desk that does not look"


# --- assisted


def assisting(family: Person) -> dict[str, Any]:
    return {"account_id": str(family.id), "family_present": True}


def test_with_a_worker_beside_the_family_acts_and_both_are_on_record(door: FrontDoor, county: County) -> None:
    household = county.households[0]
    name, account = door.account(
        Role.FAMILY_MEMBER, area=household["area_code"], subject_id=UUID(household["household_id"])
    )
    family, helping = Person(door, name, account), somebody(door, Role.VILLAGE_WORKER, area=household["area_code"])
    with helping.half() as http:
        answer = http.post("/v1/session/assisted", json=assisting(family))
    assert answer.status_code == 201, answer.text
    file = f"/v1/households/{household['household_id']}"
    with door.signed_in(answer.json()["token"], "own_data") as http:
        told = http.get("/v1/me").json()
        assert (told["account_id"], told["assisted_by"]) == (str(family.id), str(helping.id))
        assert told["roles"] == ["family_member"]
        assert http.get(file).status_code == 200
        http.headers["Kith-Purpose"] = "survey"
        assert http.get(file).json()["code"] == "purpose-missing", "own data and consent, nothing else"
    ((roles,),) = door.rows(
        "select roles from audit where about = :id and what = 'session.open' order by id desc limit 1",
        id=str(family.id),
    )
    assert roles == f"family_member with {helping.id}"


def test_an_assisted_session_is_short_and_changes_nothing_about_signing_in(door: FrontDoor, family: Person) -> None:
    with worker(door) as http:
        told = http.post("/v1/session/assisted", json=assisting(family)).json()
        sent = {**assisting(family), "family_present": False}
        assert http.post("/v1/session/assisted", json=sent).status_code == 422, "the family has to be there"
    ((life,),) = door.rows(
        "select extract(epoch from expires_at - issued_at) from session where origin = 'assisted' and account_id = :id",
        id=family.id,
    )
    assert round(life) == 15 * 60
    with door.signed_in(told["token"]) as http:
        assert http.get("/v1/sessions").json()["code"] == "only-personally"
        assert http.post("/v1/second-factor").json()["code"] == "only-personally"
        assert http.post("/v1/password", json={"current": "x", "new": "y" * 12}).json()["code"] == "only-personally"
        assert http.get("/v1/me").status_code == 200, "the control arm: the session is open"
        assert http.delete("/v1/session").status_code == 204


def test_an_assisted_session_ends_with_the_workers_account(door: FrontDoor, family: Person) -> None:
    helping = somebody(door, Role.VILLAGE_WORKER, area=HERE)
    with helping.half() as http:
        token = http.post("/v1/session/assisted", json=assisting(family)).json()["token"]
    with door.signed_in(token) as http, door.person(Role.OPERATOR) as operator:
        assert http.get("/v1/me").status_code == 200
        operator.post(f"/v1/accounts/{helping.id}/close")
        assert http.get("/v1/me").status_code == 401


def test_cards_and_codes_end_with_the_account_of_who_gave_them(door: FrontDoor, family: Person) -> None:
    gone, other = somebody(door, Role.VILLAGE_WORKER, area=HERE), somebody(door, Role.FAMILY_MEMBER, area=HERE)
    with gone.half() as http:
        card, second = (http.post(f"/v1/family-accounts/{family.id}/cards").json() for _ in range(2))
        code = http.post(f"/v1/family-accounts/{other.id}/code").json()
    kept = card_for(family)
    token, stays = by_card(family, card).json()["token"], family.password().json()["token"]
    with door.person(Role.OPERATOR) as operator, door.signed_in(token) as inside, door.signed_in(stays) as home:
        assert inside.get("/v1/me").status_code == 200
        assert operator.post(f"/v1/accounts/{gone.id}/close").status_code == 200
        assert inside.get("/v1/me").status_code == 401, "who is in by it is out"
        assert home.get("/v1/me").status_code == 200, "the control arm: not by it"
    assert [by_card(family, one).status_code for one in (card, second)] == [401, 401]
    assert by_code(other, {"username": other.username, "code": code["code"]}).status_code == 401
    assert by_card(family, kept).status_code == 201, "the control arm: another worker's"


def test_a_family_sees_that_a_card_or_code_was_given_out(door: FrontDoor, family: Person) -> None:
    card_for(family)
    code_for(family)
    stranger = somebody(door, Role.FAMILY_MEMBER, area=HERE)
    with family.half() as http, stranger.half() as other:
        own, theirs = (
            one.get("/v1/record/own", headers={"Kith-Purpose": "own_data"}).json()["items"] for one in (http, other)
        )
    given = {(line["what"], *line["roles"]) for line in own if line["what"].startswith("gateway.issue")}
    assert given == {("gateway.issue_card", "village_worker"), ("gateway.issue_code", "village_worker")}
    assert not {line["what"] for line in theirs} & {"gateway.issue_card", "gateway.issue_code"}


def test_a_closed_account_is_opened_by_nothing(door: FrontDoor, family: Person) -> None:
    said, card = code_for(family), card_for(family)
    with door.person(Role.OPERATOR) as operator:
        assert operator.post(f"/v1/accounts/{family.id}/close").status_code == 200
    assert (by_code(family, said).status_code, by_card(family, card).status_code) == (401, 401)
    with worker(door) as http:
        assert http.post("/v1/session/assisted", json=assisting(family)).status_code == 404
