"""Passwords: five tries, then a quarter of an hour; nobody learns whether a name exists; all of it is on record."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from chassis import audit
from contracts.actor import Role
from contracts.gateway import CreateAccount
from gateway.office.running import ensure_account
from tests.support.front_door import COUNTY, PASSWORD, FrontDoor


def tried(door: FrontDoor, username: str, password: str) -> int:
    with door.anybody() as http:
        return http.post("/v1/session", json={"username": username, "password": password}).status_code


def test_who_knows_the_password_gets_a_token_that_ends(door: FrontDoor) -> None:
    name, account = door.account(Role.COUNTY_OFFICER)
    with door.anybody() as http:
        answer = http.post("/v1/session", json={"username": name, "password": PASSWORD})
    assert answer.status_code == 201
    told = answer.json()
    assert told["account_id"] == str(account)
    assert datetime.now(UTC) < datetime.fromisoformat(told["expires_at"]) <= datetime.now(UTC) + timedelta(hours=12)
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_fifth_failure_locks_the_account_for_a_quarter_of_an_hour(door: FrontDoor) -> None:
    name, account = door.account(Role.COUNTY_OFFICER)
    assert [tried(door, name, "wrong") for _ in range(4)] == [401] * 4
    assert tried(door, name, PASSWORD) == 201, "four failures do not lock, and a success forgets them"
    assert [tried(door, name, "wrong") for _ in range(5)] == [401] * 5
    assert tried(door, name, PASSWORD) == 401
    almost = datetime.now(UTC) + timedelta(minutes=14)
    ((until,),) = door.rows("select locked_until from account where id = :id", id=account)
    assert almost < until < almost + timedelta(minutes=2)
    door.change("update account set locked_until = now() where id = :id", id=account)
    assert tried(door, name, PASSWORD) == 201


def test_tries_at_the_same_moment_do_not_get_past_the_lock(door: FrontDoor) -> None:
    name, account = door.account(Role.COUNTY_OFFICER)
    with ThreadPoolExecutor(12) as people:
        assert set(people.map(lambda _: tried(door, name, "wrong"), range(12))) == {401}
    ((attempts, until),) = door.rows("select attempts, locked_until from account where id = :id", id=account)
    assert attempts == 5, "a sixth password was looked at"
    assert until is not None


def test_an_unknown_name_is_answered_like_a_wrong_password(door: FrontDoor) -> None:
    name, _ = door.account(Role.COUNTY_OFFICER)
    with door.anybody() as http:
        wrong = http.post("/v1/session", json={"username": name, "password": "wrong"})
        unknown = http.post("/v1/session", json={"username": "nobody-of-this-name", "password": "wrong"})
    same = ("title", "detail", "code", "status", "type")
    assert [wrong.json()[one] for one in same] == [unknown.json()[one] for one in same]


def test_the_password_lies_nowhere_but_as_argon2id(door: FrontDoor) -> None:
    _, account = door.account(Role.COUNTY_OFFICER)
    ((kept,),) = door.rows("select password_hash from account where id = :id", id=account)
    assert kept.startswith("$argon2id$v=19$m=65536")


def test_signing_in_and_out_and_making_accounts_is_on_record_in_one_chain(door: FrontDoor) -> None:
    name, account = door.account(Role.AUDITOR)
    token = door.token(name)
    tried(door, name, "wrong")
    tried(door, "somebody-else-entirely", "wrong")
    with door.anybody() as http:
        http.delete("/v1/session", headers={"Authorization": f"Bearer {token}"})
    mine = door.rows("select what, outcome from audit where about = :about order by id", about=str(account))
    assert [tuple(row) for row in mine] == [
        ("gateway.create_account", "done"), ("session.open", "done"), ("session.open", "refused"), ("session.end", "done"),
    ]  # fmt: skip
    assert not door.rows("select 1 from audit a where a::text like '%somebody-else-entirely%'")
    with door.database.begin() as connection:
        _, broken = audit.verify(connection)
    assert broken is None


def test_ensuring_an_account_twice_makes_one(door: FrontDoor) -> None:
    new = CreateAccount(username="ensured", password=PASSWORD, roles=frozenset({Role.AUDITOR}), area_code=COUNTY)
    assert ensure_account(door.settings, new) == ensure_account(door.settings, new)
