"""Two people (security 13): what asks for a second one waits, sealed, and is carried out once, by nobody alone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy.exc import IntegrityError

from chassis.execution import Call, Reply
from chassis.rpc import ServiceAway
from contracts.actor import Role
from gateway.admission.evaluate import Judgement, RuleSet
from gateway.api import approvals, commands
from gateway.api.approvals import Approvals
from gateway.api.doors import WithOffice
from gateway.office.usecases import approvals as usecases
from tests.support.front_door import COUNTY, HERE, PASSWORD, FrontDoor
from tests.support.waiting import eventually

REASON = {"reason": "looked at together on the phone"}
PRIVATE = "the.name.of.somebody"


@pytest.fixture
def first(door: FrontDoor) -> Iterator[httpx.Client]:
    with door.somebody_else(Role.OPERATOR) as http:
        yield http


@pytest.fixture
def second(door: FrontDoor) -> Iterator[httpx.Client]:
    with door.somebody_else(Role.WORKING_GROUP) as http:
        yield http


def account(name: str, role: str = "auditor", area: str = COUNTY) -> dict[str, Any]:
    return {"username": name, "password": PASSWORD, "roles": [role], "area_code": area}


def fresh_name() -> str:
    return f"n{uuid4().hex[:12]}"


def ask(http: httpx.Client, body: dict[str, Any] | None = None, key: str | None = None) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    answer = http.post("/v1/accounts", json=body or account(fresh_name()), headers=headers)
    assert answer.status_code == 202, answer.text
    return answer


def approve(http: httpx.Client, asked: httpx.Response) -> httpx.Response:
    return http.post(f"{asked.headers['Location']}/approve", json=REASON)


def look(http: httpx.Client, asked: httpx.Response) -> dict[str, Any]:
    found = http.get(asked.headers["Location"])
    assert found.status_code == 200, found.text
    return dict(found.json())


def my_id(http: httpx.Client) -> str:
    return str(http.get("/v1/me").json()["account_id"])


def made(door: FrontDoor, name: str) -> int:
    return len(door.rows("select 1 from account where username = :name", name=name))


def stored(door: FrontDoor, asked: httpx.Response) -> Any:
    return door.rows("select * from approval where id = :id", id=asked.json()["approval_id"])[0]


def back_in_time(door: FrontDoor, asked: httpx.Response, column: str, days: int) -> None:
    """The clock moves on by so many days for this one."""
    door.rows(
        f"update approval set {column} = {column} - make_interval(days => :days) where id = :id returning id",
        days=days,
        id=asked.json()["approval_id"],
    )


# --- what waits


def test_an_account_with_a_role_that_reaches_far_waits_and_another_does_not(
    door: FrontDoor, first: httpx.Client
) -> None:
    far, near = account(fresh_name(), "county_officer"), account(fresh_name(), "unit_officer", HERE)
    asked = ask(first, far)
    assert asked.json()["state"] == "waiting"
    assert asked.headers["Location"] == f"/v1/approvals/{asked.json()['approval_id']}"
    assert made(door, far["username"]) == 0
    assert first.post("/v1/accounts", json=near).status_code == 201, "the control arm"
    for body, needed in ((far, True), (near, False)):
        told = first.post("/v1/dry-run/gateway.create_account", json={**body, "username": fresh_name()})
        assert told.json()["needs_second_person"] is needed


@pytest.mark.parametrize("role", ["township_officer", "village_worker", "family_member", "helper"])
def test_who_keeps_accounts_makes_nobody_alone_who_may_look_at_files(
    door: FrontDoor, first: httpx.Client, role: str
) -> None:
    body = {**account(fresh_name(), role, HERE), "subject_id": str(UUID(int=7))}
    assert ask(first, body).json()["state"] == "waiting"
    assert made(door, body["username"]) == 0


def test_the_same_key_is_the_same_approval(first: httpx.Client) -> None:
    body, key = account(fresh_name()), uuid4().hex
    one, again = ask(first, body, key), ask(first, body, key)
    assert one.json() == again.json()
    other = first.post("/v1/accounts", json=account(fresh_name()), headers={"Idempotency-Key": key})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


def test_what_waits_is_shown_with_what_one_has_to_see_and_kept_sealed(
    door: FrontDoor, first: httpx.Client, second: httpx.Client
) -> None:
    name = f"{PRIVATE}.{uuid4().hex[:6]}"
    asked = ask(first, account(name))
    rows = second.get("/v1/approvals", params={"state": "waiting", "limit": 500}).json()["items"]
    row = next(row for row in rows if row["approval_id"] == asked.json()["approval_id"])
    assert (row["command"], row["asked_by"], row["yours"]) == ("gateway.create_account", my_id(first), False)
    file = look(second, asked)
    assert file["says"] == {"username": name, "roles": ["auditor"], "area_code": COUNTY, "subject_id": None}
    assert look(first, asked)["yours"]
    assert PASSWORD not in f"{rows}{file}"
    assert PRIVATE not in f"{rows}", "the list tells ids alone"
    kept = stored(door, asked)
    assert PRIVATE.encode() not in b"".join(value for value in kept if isinstance(value, memoryview | bytes))
    assert PRIVATE not in str([value for value in kept if not isinstance(value, memoryview | bytes)])


def test_nobody_asks_for_more_than_somebody_can_look_through(
    first: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approvals, "MOST_WAITING", 2)
    body, key = account(fresh_name()), uuid4().hex
    ask(first, body, key)
    ask(first)
    refused = first.post("/v1/accounts", json=account(fresh_name()))
    assert (refused.status_code, refused.json()["code"]) == (409, "too-many-wait")
    taken_back = ask(first, body, key)
    assert first.post(f"{taken_back.headers['Location']}/take-back", json={}).status_code == 200
    ask(first)


# --- agreeing


def test_somebody_else_agrees_and_both_stand_on_the_record(
    door: FrontDoor, first: httpx.Client, second: httpx.Client
) -> None:
    name = fresh_name()
    asked = ask(first, account(name))
    agreed = approve(second, asked)
    assert (agreed.status_code, agreed.json()["state"]) == (200, "done")
    assert agreed.json()["answer"]["id"] == str(
        door.rows("select id from account where username = :name", name=name)[0][0]
    )
    assert door.token(name)
    file = look(first, asked)
    assert (file["state"], file["decided_by"], file["decided_because"]) == ("done", my_id(second), REASON["reason"])
    assert file["decision_id"] != asked.headers["Kith-Decision"], "it was judged anew"
    assert agreed.headers["Kith-Decision"] == file["decision_id"]
    lines = door.rows("select actor_id, what, outcome, decision_id from audit where about = :id order by id",
                      id=file["approval_id"])  # fmt: skip
    assert [(line[0], line[1], line[2]) for line in lines] == [
        (my_id(first), "gateway.create_account", "awaits-second-person"),
        (my_id(second), "gateway.approve", "done"),
        (my_id(first), "gateway.create_account", "done"),
    ]
    carried_out = door.rows("select actor_id from audit where decision_id = :id and about = :account",
                            id=file["decision_id"], account=agreed.json()["answer"]["id"])  # fmt: skip
    assert [line[0] for line in carried_out] == [my_id(first)], (
        "as whoever asked, by the verdict of the second time"
    )
    assert stored(door, asked).sealed is None


def test_nobody_agrees_to_what_they_asked_for(door: FrontDoor, first: httpx.Client) -> None:
    asked = ask(first)
    for verb in ("approve", "decline"):
        answer = first.post(f"{asked.headers['Location']}/{verb}", json=REASON)
        assert (answer.status_code, answer.json()["code"]) == (403, "same-person")
    assert stored(door, asked).state == "waiting"


def test_control_a_door_that_forgets_who_asked_is_stopped_by_the_database(
    door: FrontDoor, first: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usecases, "had_a_part", lambda work, people: False)
    asked = ask(first)
    assert approve(first, asked).status_code == 500
    assert stored(door, asked).state == "waiting"
    with pytest.raises(IntegrityError, match="decided_by_somebody_else"):
        door.rows("update approval set state = 'approved', decided_by = actor_id where id = :id returning 1",
                  id=asked.json()["approval_id"])  # fmt: skip


@pytest.mark.parametrize("way", ["forth", "back"])
def test_neither_who_stands_in_for_the_first_nor_whom_they_stand_in_for_agrees(
    door: FrontDoor, first: httpx.Client, second: httpx.Client, way: str
) -> None:
    asked = ask(first)
    pair = (my_id(first), my_id(second))
    giver, taker = pair if way == "forth" else pair[::-1]
    door.change(
        "insert into delegation (id, from_id, to_id, roles, area_code, first_day, last_day)"
        " values (:id, :giver, :taker, array['operator'], :area, date '2026-04-01', date '2026-04-30')",
        id=uuid4(), giver=giver, taker=taker, area=COUNTY,
    )  # fmt: skip
    assert approve(second, asked).json()["code"] == "same-person"
    door.change("update delegation set last_day = date '2026-04-10' where from_id = :giver", giver=giver)
    assert approve(second, asked).status_code == 200, "the control arm: the delegation is over"


@pytest.mark.parametrize("still", [True, False])
def test_who_asks_in_somebodys_place_does_so_only_while_they_stand_there(
    door: FrontDoor, first: httpx.Client, second: httpx.Client, still: bool
) -> None:
    name, delegation = fresh_name(), uuid4()
    with door.somebody_else(Role.UNIT_OFFICER) as stand_in:
        door.change(
            "insert into delegation (id, from_id, to_id, roles, area_code, first_day, last_day)"
            " values (:id, :giver, :taker, array['operator'], :area, date '2026-04-01', date '2026-04-30')",
            id=delegation, giver=my_id(first), taker=my_id(stand_in), area=COUNTY,
        )  # fmt: skip
        stand_in.headers["Kith-Delegation"] = str(delegation)
        asked = ask(stand_in, account(name))
    assert approve(first, asked).json()["code"] == "same-person", "in whose place it was asked"
    file = look(second, asked)
    assert file["asked_for"] == my_id(first)
    if not still:
        door.change("update delegation set ended_at = now() where id = :id", id=delegation)
    assert approve(second, asked).json()["state"] == ("done" if still else "refused")
    assert made(door, name) == int(still)


@pytest.mark.parametrize(
    ("role", "area"), [(Role.OPERATOR, HERE), (Role.TOWNSHIP_OFFICER, COUNTY), (Role.AUDITOR, COUNTY)]
)
def test_who_lacks_role_or_area_does_not_find_it(
    door: FrontDoor, first: httpx.Client, role: Role, area: str
) -> None:
    asked = ask(first)
    with door.somebody_else(role, area=area) as other:
        assert approve(other, asked).status_code == 404
        assert other.get(asked.headers["Location"]).status_code == 404
        listed = other.get("/v1/approvals", params={"limit": 500}).json()["items"]
        assert asked.json()["approval_id"] not in {row["approval_id"] for row in listed}
        assert other.post(f"{asked.headers['Location']}/take-back", json={}).status_code == 404
    assert stored(door, asked).state == "waiting"


def test_what_waits_is_hidden_without_an_area(door: FrontDoor, first: httpx.Client) -> None:
    asked = ask(first)
    with door.database.begin() as connection:
        assert connection.exec_driver_sql("select count(*) from approval").scalar() == 0
    assert stored(door, asked).state == "waiting", "the control arm"


# --- how it ends otherwise


def test_a_no_and_a_taking_back_end_it_for_good(door: FrontDoor, first: httpx.Client, second: httpx.Client) -> None:
    declined, taken_back = ask(first), ask(first)
    assert second.post(f"{declined.headers['Location']}/decline", json=REASON).json()["state"] == "declined"
    assert first.post(f"{taken_back.headers['Location']}/take-back", json={}).json()["state"] == "taken_back"
    for asked, state in ((declined, "declined"), (taken_back, "taken_back")):
        answer = approve(second, asked)
        assert (answer.status_code, answer.json()["code"]) == (409, "decided-already")
        assert (look(first, asked)["state"], stored(door, asked).sealed) == (state, None)


def test_it_ends_by_itself_after_seven_days(door: FrontDoor, first: httpx.Client, second: httpx.Client) -> None:
    early, late = ask(first), ask(first)
    back_in_time(door, early, "until", 6)
    back_in_time(door, late, "until", 7)
    assert approve(second, late).json()["code"] == "decided-already"
    assert look(first, late)["state"] == "expired"
    eventually(lambda: stored(door, late).state == "expired", within=20, what="the end of what nobody decided")
    assert stored(door, late).sealed is None
    assert approve(second, early).json()["state"] == "done", "the control arm"


def test_whoever_lost_the_role_since_asks_for_nothing(
    door: FrontDoor, first: httpx.Client, second: httpx.Client
) -> None:
    name = fresh_name()
    asked = ask(first, account(name))
    door.change("update account set active = false where id = :id", id=my_id(first))
    agreed = approve(second, asked).json()
    assert (agreed["state"], agreed["refusal"]["code"]) == ("refused", "role-missing")
    assert made(door, name) == 0


def test_a_rule_that_came_into_force_since_refuses_it(
    door: FrontDoor, first: httpx.Client, second: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = RuleSet.judge

    def stricter(self: RuleSet, resource: str, action: str, *of: Any) -> Judgement:
        judged = judge(self, resource, action, *of)
        return replace(judged, outcome="deny") if (resource, action) == ("account", "create") else judged

    name = fresh_name()
    asked = ask(first, account(name))
    monkeypatch.setattr(RuleSet, "judge", stricter)
    agreed = approve(second, asked).json()
    assert (agreed["state"], agreed["refusal"]["code"]) == ("refused", "admission-denied")
    assert made(door, name) == 0


def test_agreeing_again_with_the_same_key_tells_the_same(first: httpx.Client, second: httpx.Client) -> None:
    asked, key = ask(first), {"Idempotency-Key": uuid4().hex}
    one, again = (second.post(f"{asked.headers['Location']}/approve", json=REASON, headers=key) for _ in range(2))
    assert one.json() == again.json()
    assert one.json()["state"] == "done"


def test_what_its_service_refuses_is_told_to_both(
    door: FrontDoor, first: httpx.Client, second: httpx.Client
) -> None:
    taken = door.account(Role.AUDITOR)[0]
    asked = ask(first, account(taken))
    agreed = approve(second, asked).json()
    assert (agreed["state"], agreed["refusal"]["code"], agreed["answer"]) == ("refused", "username-taken", None)
    assert look(first, asked)["refusal"]["code"] == "username-taken"


def test_what_was_moved_to_another_row_is_not_carried_out(
    door: FrontDoor, first: httpx.Client, second: httpx.Client
) -> None:
    harmless, swapped = ask(first), ask(first)
    door.rows("update approval set sealed = (select sealed from approval where id = :of) where id = :to returning 1",
              of=harmless.json()["approval_id"], to=swapped.json()["approval_id"])  # fmt: skip
    agreed = approve(second, swapped).json()
    assert (agreed["state"], agreed["answer"]) == ("refused", None)


# --- once


def carried_out(door: FrontDoor, name: str) -> int:
    """How often the account was made, or tried in vain."""
    ((account_id,),) = door.rows("select id from account where username = :name", name=name)
    return len(
        door.rows("select 1 from audit where what = 'gateway.create_account' and about = :id", id=str(account_id))
    )


def test_two_who_agree_at_the_same_moment_do_it_once(door: FrontDoor, first: httpx.Client) -> None:
    name = fresh_name()
    asked, both = ask(first, account(name)), Barrier(2)
    people = [door.somebody_else(Role.WORKING_GROUP), door.somebody_else(Role.COUNTY_OFFICER)]

    def agree(http: httpx.Client) -> int:
        both.wait(10)
        return approve(http, asked).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(agree, people)) == [200, 409]
    assert (made(door, name), carried_out(door, name)) == (1, 1)


def test_a_gateway_that_dies_before_carrying_it_out_leaves_it_to_the_next(
    door: FrontDoor, first: httpx.Client, second: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(doors: Any, approval_id: UUID) -> Any:
        raise RuntimeError("died")

    name = fresh_name()
    asked = ask(first, account(name))
    with monkeypatch.context() as broken:
        broken.setattr(commands, "perform", die)
        assert approve(second, asked).status_code == 500
    assert (stored(door, asked).state, made(door, name)) == ("approved", 0)
    back_in_time(door, asked, "due_at", 1)
    eventually(lambda: stored(door, asked).state == "done", within=20, what="another gateway to carry it out")
    assert (made(door, name), carried_out(door, name)) == (1, 1)


def unheard(monkeypatch: pytest.MonkeyPatch, broken: pytest.MonkeyPatch) -> None:
    """What is carried out next is done, but its reply is lost: as if the gateway died in between."""
    call, lost = WithOffice.call, list[str]()

    async def deaf(self: WithOffice, service: str, asked: Call) -> Reply:
        reply = await call(self, service, asked)
        if asked.name == "gateway.create_account" and not lost:
            lost.append(asked.name)
            raise ServiceAway(service)
        return reply

    broken.setattr(WithOffice, "call", deaf)


def agreed_to_unheard(
    door: FrontDoor, first: httpx.Client, second: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, Any]:
    """(user name, the approval in the end) of what was carried out without anybody hearing of it, and then again."""
    name = fresh_name()
    asked = ask(first, account(name))
    unheard(monkeypatch, monkeypatch)
    assert approve(second, asked).json()["state"] == "approved"
    assert made(door, name) == 1
    back_in_time(door, asked, "due_at", 1)
    eventually(lambda: stored(door, asked).state in ("done", "refused"), within=20, what="the second try")
    return name, stored(door, asked)


def test_a_gateway_that_dies_after_carrying_it_out_does_not_do_it_again(
    door: FrontDoor, first: httpx.Client, second: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, end = agreed_to_unheard(door, first, second, monkeypatch)
    assert (end.state, end.answer["id"]) == (
        "done", str(door.rows("select id from account where username = :name", name=name)[0][0])
    )  # fmt: skip
    assert carried_out(door, name) == 1


def test_control_a_new_key_for_each_try_is_found(
    door: FrontDoor, first: httpx.Client, second: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Approvals.open
    monkeypatch.setattr(
        Approvals, "open", lambda self, one: opened(self, one).model_copy(update={"idempotency_key": uuid4().hex})
    )
    _, end = agreed_to_unheard(door, first, second, monkeypatch)
    assert (end.state, end.refusal["code"]) == ("refused", "username-taken"), "it was done a second time"
