"""Break-glass (security 12): a reason, four hours at most, every read on record, an alarm, and a review by somebody else."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from chassis.addresses import app_url
from contracts.actor import Role
from gateway.api.metrics import EMERGENCIES_OPEN, EMERGENCIES_OVERDUE
from gateway.office.usecases import emergencies as usecases
from kith.ops.two_people import counted
from tests.integration.gateway.api.conftest import County
from tests.integration.gateway.api.test_delegation import given, signed_in, standing_in
from tests.support.authenticators import somebody
from tests.support.front_door import COUNTY, HERE, THERE, FrontDoor
from tests.support.waiting import eventually

WORDS = "the neighbour heard a child cry behind a locked door"
BECAUSE = "the police confirmed the call"
PATH = "/v1/emergencies"


@pytest.fixture
def worker(door: FrontDoor) -> Iterator[httpx.Client]:
    """A village worker of another township than the families'."""
    with door.somebody_else(Role.VILLAGE_WORKER, area=THERE) as http:
        yield http


@pytest.fixture
def reviewer(door: FrontDoor) -> Iterator[httpx.Client]:
    with door.somebody_else(Role.WORKING_GROUP) as http:
        yield http


def break_glass(http: httpx.Client, area: str = HERE, **more: Any) -> str:
    answer = http.post(PATH, json={"reason": "child_in_danger", "account": WORDS, "opened_area": area, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["emergency_id"])


def read(http: httpx.Client, path: str, purpose: str = "emergency") -> httpx.Response:
    return http.get(path, headers={"Kith-Purpose": purpose})


def family(county: County) -> str:
    return f"/v1/households/{county.households[0]['household_id']}"


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def hours_pass(door: FrontDoor, emergency: str, hours: int) -> None:
    """The clock moves on for this one."""
    moved = ", ".join(
        f"{name} = {name} - make_interval(hours => :hours)" for name in ("began_at", "until", "ended_at")
    )
    assert door.rows(f"update emergency set {moved} where id = :id returning id", hours=hours, id=emergency)


def end(http: httpx.Client, emergency: str) -> httpx.Response:
    return http.post(f"{PATH}/{emergency}/end", json={})


def review(http: httpx.Client, emergency: str, finding: str = "justified") -> httpx.Response:
    return http.post(f"{PATH}/{emergency}/review", json={"finding": finding, "because": BECAUSE})


def listed(http: httpx.Client, **params: Any) -> dict[str, dict[str, Any]]:
    rows = http.get(PATH, params={"limit": 500, **params}).json()["items"]
    return {row["emergency_id"]: row for row in rows}


def record(door: FrontDoor, emergency: str) -> list[Any]:
    """What the households service put on record as read by this emergency."""
    engine = sa.create_engine(app_url(door.settings, "households"))
    with engine.connect() as connection:
        found = connection.execute(
            sa.text("select what, about, purpose, area, outcome from audit where decision_id = :id order by id"),
            {"id": emergency},
        ).all()
    engine.dispose()
    return [tuple(row) for row in found]


def test_the_whole_story(door: FrontDoor, county: County, worker: httpx.Client, reviewer: httpx.Client) -> None:
    file = family(county)
    assert code(read(worker, file, "visits")) == (404, "not-found")
    assert code(read(worker, file)) == (403, "no-emergency"), "saying so opens nothing"

    emergency = break_glass(worker)
    opened = read(worker, file)
    assert (opened.status_code, opened.json()["area_code"][:9]) == (200, HERE)
    assert read(worker, "/v1/households").json()["items"]
    assert code(read(worker, file, "visits")) == (404, "not-found"), "only what says that it is an emergency"
    assert record(door, emergency) == [
        ("households.household_file", file.rsplit("/", 1)[1], "emergency", HERE, "done"),
        ("households.list_households", None, "emergency", HERE, "done"),
    ]
    visit = {"household_id": file.rsplit("/", 1)[1], "visited_on": "2026-04-10", "outcome": "all_well"}
    assert code(worker.post("/v1/visits", json=visit, headers={"Kith-Purpose": "emergency"})) == (404, "not-found")
    assert code(review(reviewer, emergency)) == (409, "emergency-not-over")

    hours_pass(door, emergency, 4)
    assert code(read(worker, file)) == (403, "no-emergency"), "it ended by itself"
    assert listed(reviewer)[emergency]["state"] == "over"
    with door.person(Role.AUDITOR, purpose="oversight") as auditor:
        lines = auditor.get("/v1/record", params={"decision": emergency}).json()["items"]
    assert {(line["service"], line["what"], line["purpose"]) for line in lines} == {
        ("households", "households.household_file", "emergency"),
        ("households", "households.list_households", "emergency"),
    }

    assert review(reviewer, emergency).status_code == 200
    row = listed(worker)[emergency]
    assert (row["state"], row["finding"], row["yours"]) == ("reviewed", "justified", True)
    assert code(review(reviewer, emergency, "not_justified")) == (409, "reviewed-already")


def test_a_moment_before_its_end_it_still_opens(door: FrontDoor, county: County, worker: httpx.Client) -> None:
    """The control arm of its end by the clock."""
    hours_pass(door, break_glass(worker), 3)
    assert read(worker, family(county)).status_code == 200


def test_what_is_restricted_stays_closed(door: FrontDoor, county: County, worker: httpx.Client) -> None:
    break_glass(worker, COUNTY)
    opened = [read(worker, f"/v1/households/{one['household_id']}") for one in county.households]
    assert {answer.status_code for answer in opened} == {200}
    assert not any("lost_only_child" in answer.text for answer in opened)
    assert any("restricted" in answer.text for answer in opened), "the control arm: there is something to hide"


def test_the_words_are_sealed_and_opened_for_reviewers_on_record(
    door: FrontDoor, worker: httpx.Client, reviewer: httpx.Client
) -> None:
    emergency = break_glass(worker)
    hours_pass(door, emergency, 4)
    assert review(reviewer, emergency).status_code == 200
    assert WORDS not in str(listed(worker)) + str(listed(reviewer))
    (kept,) = door.rows("select * from emergency where id = :id", id=emergency)
    plain = b"".join(bytes(value) for value in kept if isinstance(value, memoryview | bytes))
    assert WORDS.encode() not in plain
    assert BECAUSE.encode() not in plain
    for table in ("verdict", "audit", "idempotency"):
        assert not door.rows(f"select 1 from {table} t where t::text like :words", words=f"%{WORDS}%")
    where = f"{PATH}/{emergency}"
    assert code(reviewer.get(where)) == (403, "purpose-missing")
    told = read(reviewer, where, "oversight").json()
    assert (told["account"], told["reviewed_because"]) == (WORDS, BECAUSE)
    assert door.rows(
        "select 1 from audit where what = 'gateway.emergency' and about = :id and outcome = 'done'", id=emergency
    )
    assert worker.get(where).status_code == 403


def test_nobody_reviews_their_own(door: FrontDoor, reviewer: httpx.Client) -> None:
    with door.somebody_else(Role.COUNTY_OFFICER, Role.WORKING_GROUP) as both:
        emergency = break_glass(both)
        hours_pass(door, emergency, 4)
        assert code(review(both, emergency)) == (403, "same-person")
    assert review(reviewer, emergency, "not_justified").status_code == 200, "the control arm: somebody else may"


def test_control_a_door_that_forgets_who_it_was_is_stopped_by_the_database(
    door: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usecases, "had_a_part", lambda work, people: False)
    with door.somebody_else(Role.COUNTY_OFFICER, Role.WORKING_GROUP) as both:
        emergency = break_glass(both)
        hours_pass(door, emergency, 4)
        assert review(both, emergency).status_code == 500
        assert listed(both)[emergency]["finding"] is None


def test_what_nobody_reviews_for_three_days_escalates(
    door: FrontDoor, worker: httpx.Client, reviewer: httpx.Client
) -> None:
    emergency = break_glass(worker)
    hours_pass(door, emergency, 4 + 71)
    assert emergency in listed(reviewer, state="over")
    assert emergency not in listed(reviewer, state="overdue")
    before = _overdue(door)
    hours_pass(door, emergency, 1)
    assert listed(reviewer, state="overdue")[emergency]["state"] == "overdue"
    eventually(lambda: EMERGENCIES_OVERDUE._value.get() == before + 1, within=20, what="the metric that alarms")
    assert review(reviewer, emergency).status_code == 200
    assert emergency not in listed(reviewer, state="overdue")
    eventually(lambda: EMERGENCIES_OVERDUE._value.get() == before, within=20, what="the alarm to end")


def _overdue(door: FrontDoor) -> int:
    ((count,),) = door.rows(
        "select count(*) from emergency where finding is null"
        " and coalesce(ended_at, until) <= now() - interval '3 days'"
    )
    return int(count)


def test_an_open_one_shows_in_the_metric(door: FrontDoor, worker: httpx.Client) -> None:
    emergency = break_glass(worker)
    eventually(lambda: EMERGENCIES_OPEN._value.get() >= 1, within=20, what="the metric that alarms")
    assert counted(door.settings).emergencies_open >= 1, "nor is `kith ops status` silent about it"
    assert end(worker, emergency).status_code == 200


def test_its_holder_or_somebody_above_ends_it_early_and_nobody_beside(
    door: FrontDoor, county: County, worker: httpx.Client
) -> None:
    with (
        door.somebody_else(Role.VILLAGE_WORKER, area=THERE) as beside,
        door.somebody_else(Role.TOWNSHIP_OFFICER, area=HERE) as elsewhere,
        door.somebody_else(Role.TOWNSHIP_OFFICER, area=THERE) as above,
    ):
        emergency = break_glass(worker)
        assert end(beside, emergency).status_code == end(elsewhere, emergency).status_code == 404
        assert emergency not in {*listed(beside), *listed(elsewhere)}
        assert emergency in listed(above)
        assert read(worker, family(county)).status_code == 200
        assert end(above, emergency).status_code == 200
        assert code(read(worker, family(county))) == (403, "no-emergency")
        assert code(end(worker, emergency)) == (409, "emergency-over")
        own = break_glass(worker)
        assert end(worker, own).status_code == 200
        assert code(read(worker, family(county))) == (403, "no-emergency")


def test_no_other_role_sees_more_by_it(door: FrontDoor, county: County) -> None:
    with signed_in(somebody(door, Role.VILLAGE_WORKER, Role.OPERATOR, area=THERE)) as both:
        break_glass(both, COUNTY)
        assert both.get("/v1/accounts").status_code == 200, "the control arm: in their own area"
        assert code(read(both, "/v1/accounts")) == (403, "role-missing")
        assert read(both, family(county)).status_code == 200, "the control arm: what it is for"


def test_it_ends_with_the_delegation_that_it_was_opened_under(door: FrontDoor, county: County) -> None:
    officer = somebody(door, Role.TOWNSHIP_OFFICER, area=THERE)
    worker = somebody(door, Role.VILLAGE_WORKER, area=THERE)
    delegation = given(officer, worker, Role.TOWNSHIP_OFFICER, area=THERE)
    with standing_in(worker, delegation) as in_place, signed_in(worker) as own, signed_in(officer) as giver:
        break_glass(in_place)
        assert read(in_place, family(county)).status_code == 200, "the control arm"
        assert code(read(own, family(county))) == (403, "no-emergency")
        assert giver.post(f"/v1/delegations/{delegation}/end").status_code == 200
        assert code(read(own, family(county))) == (403, "no-emergency")
        break_glass(own)
        assert read(own, family(county)).status_code == 200, "nor does it stand in the way of their own"


def test_what_somebody_opened_for_themselves_opens_nothing_in_anothers_place(
    door: FrontDoor, county: County
) -> None:
    officer = somebody(door, Role.TOWNSHIP_OFFICER, area=THERE)
    worker = somebody(door, Role.VILLAGE_WORKER, area=THERE)
    delegation = given(officer, worker, Role.TOWNSHIP_OFFICER, area=THERE)
    with standing_in(worker, delegation) as in_place, signed_in(worker) as own:
        break_glass(own)
        assert code(read(in_place, family(county))) == (403, "no-emergency")
        assert read(own, family(county)).status_code == 200, "the control arm"


def test_whoever_left_one_unreviewed_opens_no_other_and_somebody_else_does(
    door: FrontDoor, worker: httpx.Client, reviewer: httpx.Client
) -> None:
    body = {"reason": "child_in_danger", "account": WORDS, "opened_area": HERE}
    emergency = break_glass(worker)
    hours_pass(door, emergency, 4 + 71)
    assert end(worker, break_glass(worker)).status_code == 200, "the control arm: its review is not late yet"
    hours_pass(door, emergency, 1)
    assert code(worker.post(PATH, json=body)) == (409, "emergency-unreviewed")
    with door.somebody_else(Role.VILLAGE_WORKER, area=THERE) as beside:
        break_glass(beside)
    assert review(reviewer, emergency).status_code == 200
    break_glass(worker)


def test_one_at_a_time_even_if_two_are_opened_at_once(worker: httpx.Client) -> None:
    body = {"reason": "disaster", "account": WORDS, "opened_area": HERE}
    with ThreadPoolExecutor(4) as pool:
        told = sorted(pool.map(lambda _: worker.post(PATH, json=body).status_code, range(4)))
    assert told == [201, 409, 409, 409]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"hours": 5}, (422, "body-invalid")),
        ({"account": ""}, (422, "body-invalid")),
        ({"reason": "curiosity"}, (422, "body-invalid")),
        ({"opened_area": "110101"}, (404, "out-of-area")),
    ],
)
def test_what_is_no_emergency_is_refused(
    worker: httpx.Client, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    whole = {"reason": "disaster", "account": WORDS, "opened_area": HERE, **body}
    assert code(worker.post(PATH, json=whole)) == expected


def test_an_installation_may_ask_for_less_than_four_hours(
    door: FrontDoor, worker: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(door.settings.__dict__, "emergency_hours", 2)
    body = {"reason": "disaster", "account": WORDS, "opened_area": HERE, "hours": 3}
    assert code(worker.post(PATH, json=body)) == (422, "emergency-too-long")
    emergency = break_glass(worker)
    row = listed(worker)[emergency]
    assert row["until"][11:13] != row["began_at"][11:13]
    ((lasts,),) = door.rows("select until - began_at from emergency where id = :id", id=emergency)
    assert lasts == timedelta(hours=2)


def test_the_database_itself_knows_four_hours(door: FrontDoor, worker: httpx.Client) -> None:
    emergency = break_glass(worker)
    with pytest.raises(IntegrityError, match="four_hours_at_most"):
        door.rows(
            "update emergency set until = until + interval '1 second' where id = :id returning 1", id=emergency
        )


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM}))
def test_only_officers_and_village_workers_break_glass(door: FrontDoor, role: Role) -> None:
    body = {"reason": "disaster", "account": WORDS, "opened_area": HERE}
    with door.somebody_else(role, area=THERE) as http:
        may = role in (Role.VILLAGE_WORKER, Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER)
        assert http.post(PATH, json=body).status_code == (201 if may else 403)
        assert http.get(PATH).status_code == (200 if may or role in (Role.WORKING_GROUP, Role.AUDITOR) else 403)


def test_emergencies_are_hidden_without_an_area_and_from_other_townships(
    door: FrontDoor, worker: httpx.Client
) -> None:
    emergency = break_glass(worker)
    with door.database.begin() as connection:
        assert connection.exec_driver_sql("select count(*) from emergency").scalar() == 0
    assert door.rows("select 1 from emergency where id = :id", id=emergency), "the control arm"
    with door.somebody_else(Role.WORKING_GROUP, area=HERE) as elsewhere:
        assert emergency not in listed(elsewhere)
        assert review(elsewhere, emergency).status_code == 404
        assert read(elsewhere, f"{PATH}/{emergency}", "oversight").status_code == 404
        assert read(elsewhere, f"{PATH}/{uuid4()}", "oversight").status_code == 404
