"""Law L3: with a service away, what is never blocked is kept sealed and delivered once, withdrawals first."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.keys import Keys
from chassis.sealing import BlindIndex, SealBroken
from contracts.actor import Role
from contracts.refusals import DEADLINE_PASSED, INTERNAL, UNAVAILABLE
from gateway.api import intake_store
from gateway.api.intake import Intake
from tests.integration.gateway.api.conftest import County
from tests.support.front_door import HERE, THERE, FrontDoor
from tests.support.waiting import eventually

NOTE = "a note that nobody may find in the intake"
OVER = ("delivered", "refused")


@pytest.fixture(autouse=True)
def reachable_again(door: FrontDoor) -> Iterator[None]:
    yield
    door.switchboard.away.clear()
    door.switchboard.answers.clear()
    eventually(
        lambda: not door.rows("select 1 from intake where state = 'waiting'"), within=30, what="an empty intake"
    )


def someone(door: FrontDoor) -> httpx.Client:
    return door.somebody_else(Role.VILLAGE_WORKER, area=HERE)


def visit(http: httpx.Client, county: County, key: str, **more: Any) -> httpx.Response:
    body = {"household_id": county.households[0]["household_id"], "visited_on": "2026-04-10", "outcome": "all_well"}
    return http.post("/v1/visits", json={**body, **more}, headers={"Idempotency-Key": key})


def consents(county: County) -> str:
    return f"/v1/households/{county.households[-1]['household_id']}/consents"


def answer(http: httpx.Client, county: County, key: str, purpose: str = "visits") -> httpx.Response:
    body = {"purpose": purpose, "answer": "yes", "answered_on": "2026-04-14"}
    return http.post(consents(county), json=body, headers={"Idempotency-Key": key})


def withdraw(http: httpx.Client, county: County, key: str, purpose: str = "visits") -> httpx.Response:
    headers = {"Idempotency-Key": key}
    return http.post(f"{consents(county)}/withdraw", json={"purpose": purpose}, headers=headers)


def over(http: httpx.Client, taken: httpx.Response) -> dict[str, Any]:
    """The status of what was taken in, once it is over."""
    assert taken.status_code == 202, taken.text

    def status() -> dict[str, Any]:
        found: dict[str, Any] = http.get(taken.headers["Location"]).json()
        return found if found["state"] in OVER else {}

    return eventually(status, within=30, what="the end of a kept command")


def keys() -> list[str]:
    return [uuid4().hex for _ in range(4)]


def test_a_visit_is_kept_sealed_and_delivered_once_the_service_is_back(door: FrontDoor, county: County) -> None:
    key, *_ = keys()
    door.switchboard.away = {"activities"}
    with someone(door) as http:
        taken = visit(http, county, key, note=NOTE)
        assert (taken.status_code, taken.json()["state"]) == (202, "waiting")
        assert taken.headers["Location"] == f"/v1/intake/{taken.json()['intake_id']}"
        assert "VIS-DQ-02" in taken.headers["Kith-Warnings"]
        ((sealed, command),) = door.rows("select sealed, command from intake where idempotency_key = :key", key=key)
        assert command == "activities.report_visit"
        assert NOTE.encode() not in bytes(sealed)
        assert not door.rows("select 1 from intake i where i::text like :note", note=f"%{NOTE[:20]}%")
        assert visit(http, county, key, note=NOTE).json() == taken.json(), "kept once"
        door.switchboard.away = set()
        told = over(http, taken)
        assert told["state"] == "delivered"
        again = visit(http, county, key, note=NOTE)
    assert (again.status_code, again.json()) == (201, told["answer"])
    assert again.headers["Idempotency-Replayed"] == "true"
    assert door.switchboard.carried_out().count(key) == 2, "the delivery and the replay"
    assert door.rows("select sealed from intake where idempotency_key = :key", key=key)[0].sealed is None


def test_each_delivery_has_a_fresh_verdict(door: FrontDoor, county: County) -> None:
    key, *_ = keys()
    door.switchboard.away = {"activities"}
    with someone(door) as http:
        taken = visit(http, county, key)
        door.switchboard.away = set()
        over(http, taken)
    carried = next(call for call in door.switchboard.passed if call.idempotency_key == key)
    outcomes = door.rows(
        "select id from verdict where body_digest = (select body_digest from intake where idempotency_key = :key)"
        " and actor_id = :actor", key=key, actor=carried.actor.id,
    )  # fmt: skip
    assert len(outcomes) >= 2
    assert carried.verdict


def test_what_is_not_never_blocked_waits_for_nobody(door: FrontDoor, county: County) -> None:
    door.switchboard.away = {"activities", "pairing"}
    body = {"carrier": "happy_family", "area_code": HERE, "year": 2027, "title": "A plan"}
    with door.person(Role.TOWNSHIP_OFFICER, area=HERE) as http:
        refused = http.post("/v1/plans", json=body)
        unread = http.get("/v1/matches")
    for answer_ in (refused, unread):
        assert (answer_.status_code, answer_.json()["code"]) == (503, "unavailable")
        assert int(answer_.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("silence", [UNAVAILABLE, DEADLINE_PASSED])
def test_a_service_that_is_there_but_cannot_is_away_too(door: FrontDoor, county: County, silence: Any) -> None:
    key, *_ = keys()
    door.switchboard.answers[key] = silence
    with someone(door) as http:
        taken = visit(http, county, key)
        door.switchboard.answers.clear()
        assert over(http, taken)["state"] == "delivered"


def test_withdrawals_go_first_and_the_rest_in_the_order_it_came(door: FrontDoor, county: County) -> None:
    first, second, third, withdrawal = keys()
    door.switchboard.away = {"activities", "households"}
    with someone(door) as http:
        taken = [
            answer(http, county, first, "messages"),
            visit(http, county, second),
            visit(http, county, third, outcome="not_home"),
        ]
        taken.append(withdraw(http, county, withdrawal, "referral"))
        door.switchboard.away = set()
        for one in taken:
            over(http, one)
    mine = [key for key in door.switchboard.carried_out() if key in (first, second, third, withdrawal)]
    assert mine == [withdrawal, first, second, third]


def test_a_yes_that_was_withdrawn_is_never_delivered_after_its_withdrawal(door: FrontDoor, county: County) -> None:
    yes, elsewhere, withdrawal, later = keys()
    door.switchboard.away = {"households"}
    with someone(door) as http, someone(door) as other:
        before = answer(http, county, yes)
        untouched = answer(http, county, elsewhere, "publicity")
        back = withdraw(other, county, withdrawal)
        after = answer(http, county, later)
        door.switchboard.away = set()
        taken_back = over(http, before)
        assert (taken_back["state"], taken_back["refusal"]["code"]) == ("refused", "taken-back")
        assert over(http, untouched)["state"] == over(http, after)["state"] == "delivered"
        over(other, back)
    carried = [key for key in door.switchboard.carried_out() if key in (yes, elsewhere, withdrawal, later)]
    assert carried == [withdrawal, elsewhere, later]


def test_a_withdrawal_by_somebody_who_may_not_speak_for_the_household_takes_nothing_back(
    door: FrontDoor, county: County
) -> None:
    yes, withdrawal, *_ = keys()
    door.switchboard.away = {"households"}
    with someone(door) as http, door.somebody_else(Role.VILLAGE_WORKER, area=THERE) as stranger:
        said = answer(http, county, yes, "messages")
        strange = withdraw(stranger, county, withdrawal, "messages")
        door.switchboard.away = set()
        assert over(stranger, strange)["refusal"]["code"] == "not-found"
        assert over(http, said)["state"] == "delivered"


def test_a_yes_waits_until_its_withdrawal_is_over(door: FrontDoor, county: County) -> None:
    yes, withdrawal, *_ = keys()
    door.switchboard.away = {"households"}
    with someone(door) as http, someone(door) as other:
        said, back = answer(http, county, yes, "publicity"), withdraw(other, county, withdrawal, "publicity")
        door.switchboard.answers[withdrawal] = INTERNAL
        door.switchboard.away = set()
        eventually(lambda: other.get(back.headers["Location"]).json()["attempts"] >= 2, within=30, what="two tries")
        assert http.get(said.headers["Location"]).json()["state"] == "waiting"
        door.switchboard.answers.clear()
        door.change("update intake set due_at = now() where idempotency_key = :key", key=withdrawal)
        assert over(other, back)["state"] == "delivered"
        assert over(http, said)["refusal"]["code"] == "taken-back"
    assert yes not in door.switchboard.carried_out()


def test_what_comes_while_something_waits_queues_behind_it(door: FrontDoor, county: County) -> None:
    first, second, by_another, _ = keys()
    door.switchboard.answers[first] = UNAVAILABLE
    with someone(door) as http, someone(door) as other:
        before, after = answer(http, county, first), visit(http, county, second)
        assert after.status_code == 202, "its service is there, but what came before it waits"
        assert visit(other, county, by_another).status_code == 201, "others do not wait"
        assert withdraw(other, county, uuid4().hex).status_code == 202, "a yes about the same consent waits"
        door.switchboard.answers.clear()
        over(http, before), over(http, after)
    mine = [key for key in door.switchboard.carried_out() if key in (first, second)]
    assert mine[-1:] == [second]


def test_a_command_that_its_service_breaks_on_holds_up_its_sender_alone(door: FrontDoor, county: County) -> None:
    broken, behind, others, _ = keys()
    door.switchboard.away = {"activities"}
    with someone(door) as http, someone(door) as other:
        stuck, waits, free = visit(http, county, broken), visit(http, county, behind), visit(other, county, others)
        door.switchboard.answers[broken] = INTERNAL
        door.switchboard.away = set()
        assert over(other, free)["state"] == "delivered"
        eventually(
            lambda: http.get(stuck.headers["Location"]).json()["attempts"] >= 2, within=30, what="a second try"
        )
        assert http.get(waits.headers["Location"]).json()["state"] == "waiting"
        door.switchboard.answers.clear()
        door.change("update intake set due_at = now() where idempotency_key = :key", key=broken)
        assert over(http, stuck)["state"] == over(http, waits)["state"] == "delivered"


def test_what_the_service_refuses_is_final_and_told_in_the_readers_language(
    door: FrontDoor, county: County
) -> None:
    key, *_ = keys()
    door.switchboard.away = {"activities"}
    with someone(door) as http:
        taken = visit(http, county, key, household_id=str(uuid4()), match_id=str(uuid4()), visited_on="2027-01-01")
        door.switchboard.away = set()
        told = over(http, taken)
        assert told["state"] == "refused", told
        assert told["refusal"]["code"]
        chinese = http.get(taken.headers["Location"], headers={"Accept-Language": "zh"}).json()
    assert chinese["refusal"]["title"] != told["refusal"]["title"]


def test_nobody_else_may_ask_what_became_of_it(door: FrontDoor, county: County) -> None:
    key, *_ = keys()
    door.switchboard.away = {"activities"}
    with someone(door) as http, door.person(Role.COUNTY_OFFICER) as other:
        taken = visit(http, county, key)
        assert http.get(taken.headers["Location"]).status_code == 200
        assert other.get(taken.headers["Location"]).status_code == 404


def test_a_key_that_waits_is_not_used_for_another_command(door: FrontDoor, county: County) -> None:
    key, *_ = keys()
    door.switchboard.away = {"activities"}
    with someone(door) as http:
        assert visit(http, county, key).status_code == 202
        other = visit(http, county, key, outcome="not_home")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


def test_a_sealed_command_opens_in_its_own_row_alone(door: FrontDoor, county: County) -> None:
    one, two, *_ = keys()
    door.switchboard.away = {"activities"}
    with someone(door) as http:
        visit(http, county, one), visit(http, county, two)
        columns = ", ".join(intake_store.Kept.__dataclass_fields__)
        first, second = (
            intake_store.Kept(**row._mapping)
            for row in door.rows(
                f"select {columns} from intake where idempotency_key in (:one, :two) order by number",
                one=one,
                two=two,
            )
        )
    installation = Keys.of(door.settings)
    intake = Intake(
        installation.key("intake"), installation.key("intake-about"), BlindIndex(installation.key("body"))
    )
    assert intake.open(first).body["outcome"] == "all_well"
    moved = intake_store.Kept(**{**vars(second), "sealed": first.sealed})
    with pytest.raises(SealBroken):
        intake.open(moved)


def test_readiness_says_what_works_and_stays_ready_to_take_care_in(door: FrontDoor) -> None:
    with door.anybody() as http:
        door.switchboard.away = {"pairing"}

        def told() -> dict[str, Any]:
            found = http.get("/health/ready")
            assert found.status_code == 200
            shown: dict[str, Any] = found.json()
            return shown if shown["parts"]["pairing"] == "away" else {}

        assert eventually(told, within=5, what="pairing shown as away")["state"] == "degraded"
        door.switchboard.away = set()
        eventually(lambda: http.get("/health/ready").json()["state"] == "ready", within=5, what="all ready")
        assert http.get("/health/live").json() == {"state": "live"}
