"""Every change is judged before a service sees it; what the rules say is kept, carried and shown."""

from typing import Any
from uuid import UUID, uuid4

import httpx

from contracts.actor import Role
from kith.journey.steps import plan_content
from tests.integration.gateway.api.conftest import County
from tests.support.front_door import COUNTY, HERE, THERE, FrontDoor

NOTE = "the note of a visit, which nobody may find elsewhere"


def verdict(door: FrontDoor, decision: str) -> Any:
    return door.rows("select * from verdict where id = :id", id=decision)[0]


def activation(http: httpx.Client, plan: str, **changed: Any) -> httpx.Response:
    content = {**plan_content(2026), **changed}
    return http.post(f"/v1/plans/{plan}/activate", json={k: v for k, v in content.items() if v is not None})


def test_a_plan_without_budget_line_is_refused_by_rule_version_and_decision(
    door: FrontDoor, county: County
) -> None:
    with door.person(Role.COUNTY_OFFICER) as http:
        answer = activation(http, county.plan, budget_line=None)
        told = answer.json()
        assert (answer.status_code, told["code"], told["rule"], told["version"]) == (
            422,
            "admission-denied",
            "ADM-01",
            1,
        )
        assert told["pointers"] == ["/budget_line"]
        assert told["detail"].startswith("Fill in")
        assert "required" not in told and [one["rule"] for one in told["failures"]] == ["ADM-01"]
        chinese = http.post(
            f"/v1/plans/{county.plan}/activate", json={}, headers={"Accept-Language": "zh-CN"}
        ).json()
        assert chinese["title"].startswith("方案须有")
        kept = verdict(door, told["decision_id"])
    assert (kept.outcome, kept.command, kept.area_code) == ("deny", "activities.activate_plan", COUNTY)
    assert {"rule": "ADM-01", "version": 1, "outcome": "failed"} in kept.rules
    assert kept.named_values["known"]["period_end"] == "2026-12-31"


def test_an_indicator_outside_the_catalogue_or_a_deadline_next_year_is_refused(
    door: FrontDoor, county: County
) -> None:
    with door.person(Role.COUNTY_OFFICER) as http:
        unknown = activation(
            http, county.plan, indicators=[{"code": "XX-99", "baseline": 0, "target": 1, "due": "2026-05-01"}]
        )
        late = activation(http, county.plan, deadline="2027-01-01")
    assert (unknown.status_code, unknown.json()["pointers"]) == (422, ["/indicators/0/code"])
    assert (late.status_code, late.json()["pointers"]) == (422, ["/deadline"])


def test_what_was_let_in_carries_its_decision(door: FrontDoor, county: County) -> None:
    with door.person(Role.COUNTY_OFFICER) as http:
        plan = http.post(
            "/v1/plans", json={"carrier": "happy_family", "area_code": HERE, "year": 2026, "title": "A plan"}
        )
        assert plan.status_code == 201
        answer = activation(http, plan.json()["id"])
    assert (answer.status_code, answer.json()) == (200, {})
    assert verdict(door, answer.headers["Kith-Decision"]).outcome == "allow"


def test_a_visit_is_taken_in_with_warnings_and_its_note_stays_out_of_the_record(
    door: FrontDoor, county: County
) -> None:
    report = {
        "household_id": county.households[0]["household_id"],
        "visited_on": "2026-04-14",
        "outcome": "all_well",
        "note": NOTE,
    }
    with door.person(Role.COUNTY_OFFICER) as http:
        answer = http.post("/v1/visits", json=report)
        assert answer.status_code == 201
        warnings = answer.headers["Kith-Warnings"]
        kept = verdict(door, answer.headers["Kith-Decision"])
    assert "VIS-DQ-02;v=1;field-missing;/match_id" in warnings
    assert kept.outcome == "warn"
    assert not door.rows("select 1 from verdict v where v::text like :note", note=f"%{NOTE[:20]}%")


def test_a_dry_run_says_the_same_and_keeps_nothing(door: FrontDoor, county: County) -> None:
    with door.person(Role.COUNTY_OFFICER) as http:
        before = door.rows("select count(*) from verdict")
        answer = http.post("/v1/dry-run/activities.activate_plan", json={"plan_id": county.plan})
        allowed = http.post(
            "/v1/dry-run/activities.activate_plan", json={"plan_id": county.plan, **plan_content(2026)}
        )
        assert door.rows("select count(*) from verdict") == before
        plans = http.get("/v1/plans", params={"limit": 500}).json()["items"]
    assert answer.json()["outcome"] == "deny"
    assert answer.json()["failures"][0]["pointers"][:3] == ["/lead_unit", "/deadline", "/budget_line"]
    assert (allowed.json()["outcome"], allowed.json()["failures"]) == ("allow", [])
    assert [plan["state"] for plan in plans if plan["plan_id"] == county.plan] == ["draft"]


def test_a_dry_run_asks_for_the_same_role_and_area_as_the_command(door: FrontDoor) -> None:
    body = {"area_code": HERE}
    with door.person(Role.AUDITOR) as auditor, door.person(Role.TOWNSHIP_OFFICER, area=THERE) as elsewhere:
        assert auditor.post("/v1/dry-run/pairing.open_match_round", json=body).status_code == 403
        assert elsewhere.post("/v1/dry-run/pairing.open_match_round", json=body).status_code == 404
        assert elsewhere.post("/v1/dry-run/no.such_command", json=body).status_code == 404


def test_a_command_without_the_doors_verdict_gets_nowhere(door: FrontDoor, county: County) -> None:
    """The control arm: what the door signs is what lets a command in, and it holds for that body alone."""
    with door.person(Role.COUNTY_OFFICER) as http:
        answer = http.post(
            "/v1/match-rounds", json={"area_code": HERE}, headers={"Idempotency-Key": "round-for-verdict"}
        )
    assert answer.status_code == 202
    call = next(call for call in door.switchboard.passed if call.idempotency_key == "round-for-verdict")
    executor = door.switchboard._executors["pairing"]
    changed = call.model_copy(update={"body": {"area_code": COUNTY}, "idempotency_key": str(uuid4())})
    assert executor.execute(changed).refusal["more"]["reason"] == "verdict-foreign"  # type: ignore[index]
    bare = call.model_copy(update={"verdict": None})
    assert executor.execute(bare).refusal["more"]["reason"] == "verdict-missing"  # type: ignore[index]


def test_the_same_key_is_the_same_command(door: FrontDoor) -> None:
    body = {"carrier": "healthy_birth", "area_code": HERE, "year": 2026, "title": "Once"}
    with door.person(Role.COUNTY_OFFICER) as http:
        sent = [http.post("/v1/plans", json=body, headers={"Idempotency-Key": "once"}) for _ in range(2)]
        other = http.post("/v1/plans", json={**body, "title": "Other"}, headers={"Idempotency-Key": "once"})
    assert sent[0].json() == sent[1].json()
    assert ("Idempotency-Replayed" in sent[0].headers, sent[1].headers["Idempotency-Replayed"]) == (False, "true")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert sent[0].headers["Idempotency-Key"] == "once"
    with door.person(Role.COUNTY_OFFICER) as http:
        assert UUID(http.post(f"/v1/plans/{sent[0].json()['id']}/activate").headers["Idempotency-Key"])


def test_the_rules_are_shown_in_the_readers_language(door: FrontDoor) -> None:
    with door.person(Role.FAMILY_MEMBER) as http:
        english = http.get("/v1/rules").json()
        chinese = http.get("/v1/rules", headers={"Accept-Language": "zh"}).json()
    assert {"ADM-01", "VIS-DQ-02"} <= {rule["rule_id"] for rule in english["items"]}
    assert english["ruleset_version"] == chinese["ruleset_version"]
    assert english["items"][0]["title"] != chinese["items"][0]["title"]


def test_who_tries_what_is_not_theirs_is_on_record(door: FrontDoor, county: County) -> None:
    where = f"/v1/households/{county.households[0]['household_id']}"
    with door.person(Role.COUNTY_OFFICER) as nosy, door.person(Role.AUDITOR) as auditor:
        assert nosy.get(where).json()["code"] == "purpose-missing"
        assert auditor.post("/v1/match-rounds", json={"area_code": HERE}).json()["code"] == "role-missing"
        ids = [http.get("/v1/me").json()["account_id"] for http in (nosy, auditor)]
    told = [
        door.rows("select what, outcome from audit where actor_id = :id order by id desc limit 1", id=one)[0]
        for one in ids
    ]
    assert [tuple(row) for row in told] == [
        ("households.household_file", "purpose-missing"), ("pairing.open_match_round", "role-missing"),
    ]  # fmt: skip
