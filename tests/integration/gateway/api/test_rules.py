"""Rules while people work: modes that change without a restart, exemptions that end, verdicts that are given again."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from chassis.work import Work, transact
from contracts.actor import Actor, Role
from contracts.gateway import ExemptFromRule, RuleMode, SetRuleMode
from contracts.refusals import Refusal, Refused
from gateway.admission.evaluate import RuleSet
from gateway.admission.shipped import shipped_rules
from gateway.api.doors import Doors
from gateway.api.flooding import KEPT_A_MINUTE
from gateway.api.order import Order
from gateway.api.rates import Rates
from gateway.api.rules import Rulebook
from gateway.office import running, usecases
from gateway.serving import GatewayThread
from kith.journey.steps import plan_content
from tests.integration.gateway.api.conftest import TODAY
from tests.integration.gateway.api.test_delegation import given, standing_in
from tests.support.admission import rule, ruleset
from tests.support.authenticators import somebody
from tests.support.front_door import COUNTY, HERE, THERE, UNLIMITED, FrontDoor, open_door
from tests.support.hosting import fresh, settings_for
from tests.support.waiting import eventually

OFFICER = Actor(id="officer", roles=frozenset({Role.COUNTY_OFFICER}), area=COUNTY)
SOON = 10.0
VILLAGES = count(1)


@pytest.fixture(scope="module")
def ruled(database_server: str, namespace: str) -> Iterator[FrontDoor]:
    """An installation of its own, for what is changed here counts for everybody in it."""
    settings = settings_for(database_server, fresh(f"{namespace}rules"), TODAY, county=COUNTY, port=0)
    with open_door(settings) as found:
        yield found


def modes(http: httpx.Client) -> dict[str, str]:
    return {one["rule_id"]: one["mode"] for one in http.get("/v1/rules").json()["items"]}


def set_mode(http: httpx.Client, rule_id: str, mode: str, **more: Any) -> httpx.Response:
    return http.post(f"/v1/rules/{rule_id}/mode", json={"mode": mode, "reason": "Tried out in a test", **more})


def in_office(door: FrontDoor, command: Any, *, today: date = TODAY) -> Any:
    """What the office answers on another day, without waiting for it."""

    def do(work: Work) -> Any:
        answer = {SetRuleMode: usecases.set_rule_mode, ExemptFromRule: usecases.exempt_from_rule}[type(command)](
            work, command
        )
        if isinstance(answer, Refusal):
            raise Refused(answer)
        return answer

    settings = door.settings.model_copy(update={"today": today})
    return transact(running.runtime(settings, door.database), OFFICER, do)


def mode_of(rule_id: str, mode: RuleMode) -> SetRuleMode:
    return SetRuleMode(rule_id=rule_id, mode=mode, reason="Tried out in a test")


def enforce(door: FrontDoor, rule_id: str) -> None:
    """The rule was watched for long enough, and is in force."""
    in_office(door, mode_of(rule_id, RuleMode.DISABLED), today=TODAY - timedelta(days=31))
    in_office(door, mode_of(rule_id, RuleMode.AUDIT), today=TODAY - timedelta(days=30))
    in_office(door, mode_of(rule_id, RuleMode.ENFORCE))


def draft(http: httpx.Client) -> str:
    """A plan of a village that has none yet."""
    area = f"{HERE}{next(VILLAGES):03d}"
    body = {"carrier": "happy_family", "area_code": area, "year": TODAY.year, "title": "A plan"}
    answer = http.post("/v1/plans", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def activate(http: httpx.Client, plan: str, **changed: Any) -> httpx.Response:
    content = {name: value for name, value in {**plan_content(TODAY.year), **changed}.items() if value is not None}
    return http.post(f"/v1/plans/{plan}/activate", json=content)


def verdict(door: FrontDoor, answer: httpx.Response) -> Any:
    decision = answer.headers.get("Kith-Decision") or answer.json()["decision_id"]
    return door.rows("select * from verdict where id = :id", id=decision)[0]


def test_a_new_installation_begins_with_what_its_rules_wish_for(ruled: FrontDoor) -> None:
    with ruled.person(Role.AUDITOR) as http:
        shown = {one["rule_id"]: (one["mode"], one["wished_mode"]) for one in http.get("/v1/rules").json()["items"]}
    wished = {source.rule.id: source.rule.mode for source in shipped_rules().sources}
    assert {name: mode for name, (_, mode) in shown.items()} == wished
    assert shown["ADM-01"] == ("enforce", "enforce")


def test_a_mode_is_changed_while_everybody_works_and_every_gateway_follows(ruled: FrontDoor) -> None:
    years = count(2031)

    def far_away(door: httpx.Client) -> httpx.Response:
        body = {"carrier": "happy_family", "area_code": HERE, "year": next(years), "title": "Far away"}
        return door.post("/v1/plans", json=body)

    def in_audit(door: httpx.Client) -> bool:
        return modes(door)["ADM-02"] == "audit"

    other = GatewayThread(ruled.settings, lambda: ruled.switchboard, rates=Rates(UNLIMITED))
    other.start()
    try:
        with (
            ruled.person(Role.COUNTY_OFFICER) as http,
            httpx.Client(base_url=other.url, headers=http.headers) as there,
        ):
            assert "ADM-02" in far_away(http).headers["Kith-Warnings"]
            assert set_mode(http, "ADM-02", "audit").status_code == 200
            for door in (http, there):
                eventually(partial(in_audit, door), within=SOON, what="the mode")
                silent = far_away(door)
                assert (silent.status_code, "Kith-Warnings" in silent.headers) == (201, False)
                assert {"rule": "ADM-02", "version": 1, "outcome": "failed"} in verdict(ruled, silent).rules
            told = http.get("/v1/rules/ADM-02/modes").json()
        assert [(one["mode"], one["reason"]) for one in told["items"]] == [
            ("audit", "Tried out in a test"), ("warn", "as shipped"),
        ]  # fmt: skip
    finally:
        other.stop()


def test_a_rule_is_enforced_after_a_fortnight_in_audit_and_not_a_day_sooner(ruled: FrontDoor) -> None:
    with ruled.person(Role.COUNTY_OFFICER) as http:
        assert set_mode(http, "ADM-03", "audit").status_code == 200
        refused = set_mode(http, "ADM-03", "enforce")
        assert (refused.status_code, refused.json()["code"]) == (409, "mode-too-early")
        assert (refused.json()["audited_days"], refused.json()["needed_days"]) == (0, 14)
    with pytest.raises(Refused) as early:
        in_office(ruled, mode_of("ADM-03", RuleMode.ENFORCE), today=TODAY + timedelta(days=13))
    assert early.value.refusal.more["audited_days"] == 13
    in_office(ruled, mode_of("ADM-03", RuleMode.ENFORCE), today=TODAY + timedelta(days=14))
    with ruled.person(Role.COUNTY_OFFICER) as http:
        eventually(lambda: modes(http)["ADM-03"] == "enforce", within=SOON, what="the mode")
        indicators = [{"code": "PAIR-01", "baseline": 0, "target": 95, "due": "2027-05-01"}]
        denied = activate(http, draft(http), indicators=indicators)
        assert (denied.status_code, denied.json()["rule"]) == (422, "ADM-03")


def test_before_its_time_a_rule_is_enforced_when_a_second_person_agrees(ruled: FrontDoor) -> None:
    with ruled.person(Role.COUNTY_OFFICER) as first, ruled.somebody_else(Role.WORKING_GROUP) as second:
        asked = set_mode(first, "ADM-05", "enforce", before_its_time=True)
        assert asked.status_code == 202, asked.text
        assert modes(first)["ADM-05"] == "audit"
        where = f"/v1/approvals/{asked.json()['approval_id']}/approve"
        assert first.post(where, json={"reason": "I agree with myself"}).status_code in (403, 404, 409)
        agreed = second.post(where, json={"reason": "It cannot wait"})
        assert (agreed.status_code, agreed.json()["state"]) == (200, "done"), agreed.text
        eventually(lambda: modes(first)["ADM-05"] == "enforce", within=SOON, what="the mode")


def test_control_what_needs_no_second_person_asks_for_none(ruled: FrontDoor) -> None:
    assert SetRuleMode.spec.second is not None
    needed = SetRuleMode.spec.second.needed
    early = {"rule_id": "ADM-05", "reason": "because", "before_its_time": True}
    assert [needed(SetRuleMode(mode=mode, **early)) for mode in RuleMode] == [False, False, False, True]
    assert not needed(SetRuleMode(**{**early, "mode": "enforce", "before_its_time": False}))


@pytest.mark.parametrize("rule_id", ["VIS-DQ-02", "HLP-DQ-01", "CON-DQ-01", "PAIR-RD-01"])
def test_a_rule_over_care_is_never_enforced_by_anybody(ruled: FrontDoor, rule_id: str) -> None:
    with pytest.raises(Refused) as refused:
        in_office(ruled, mode_of(rule_id, RuleMode.ENFORCE), today=TODAY + timedelta(days=300))
    assert refused.value.refusal.code == "rule-over-care"


def test_only_who_decides_changes_a_mode_and_all_of_it_is_on_record(ruled: FrontDoor) -> None:
    for role in (Role.AUDITOR, Role.OPERATOR, Role.TOWNSHIP_OFFICER, Role.VILLAGE_WORKER):
        with ruled.person(role) as http:
            assert set_mode(http, "ADM-04", "disabled").status_code == 403
    with ruled.person(Role.WORKING_GROUP) as http:
        assert set_mode(http, "ADM-04", "warn").status_code == 200
        assert set_mode(http, "XXX-99", "warn").json()["code"] == "rule-unknown"
        account = http.get("/v1/me").json()["account_id"]
        told = http.get("/v1/rules/ADM-04/modes").json()["items"][0]
    assert (told["decided_by"], told["mode"], told["since"]) == (account, "warn", TODAY.isoformat())
    whats = [row.what for row in ruled.rows("select what from audit where actor_id = :id", id=account)]
    assert "gateway.set_rule_mode" in whats


def adopted(door: FrontDoor, rules: RuleSet) -> dict[str, str]:
    book = Rulebook(rules, lambda: TODAY)
    with door.database.engine.connect() as connection:
        found = {source.rule.id: source.rule.mode for source in book.current(connection).rules.sources}
        connection.rollback()
    return found


def test_a_rule_that_is_new_here_is_watched_first_however_it_was_shipped(ruled: FrontDoor) -> None:
    with ruled.person(Role.AUDITOR) as http:
        http.get("/v1/rules")
    assert adopted(ruled, ruleset(rule(id="NEW-01", require=["deadline"])))["NEW-01"] == "audit"
    shipped = next(source.rule for source in shipped_rules().sources if source.rule.id == "ADM-01")
    assert adopted(ruled, ruleset(shipped))["ADM-01"] == "enforce", "the control arm: what was here stays"
    changed = shipped.model_copy(update={"require": ("deadline",), "version": 2})
    assert adopted(ruled, ruleset(changed))["ADM-01"] == "audit"


def test_an_exemption_sets_a_rule_aside_for_one_plan_is_recorded_and_ends(ruled: FrontDoor) -> None:
    enforce(ruled, "ADM-03")
    late = [{"code": "PAIR-01", "baseline": 0, "target": 95, "due": "2027-05-01"}]
    with ruled.somebody_else(Role.COUNTY_OFFICER) as http:
        plan, other = draft(http), draft(http)

        def exempted(door: httpx.Client) -> bool:
            body = {"plan_id": plan, **plan_content(TODAY.year), "indicators": late}
            said = door.post("/v1/dry-run/activities.activate_plan", json=body).json()
            return "exempted" in {failure["effect"] for failure in said["failures"]}

        def held() -> bool:
            return modes(http)["ADM-03"] == "enforce"

        eventually(held, within=SOON, what="the mode")
        assert activate(http, plan, indicators=late).json()["rule"] == "ADM-03"
        made = http.post(
            "/v1/rules/ADM-03/exemptions",
            json={"entity_id": plan, "until": "2026-04-30", "reason": "The budget is voted next week"},
        )
        assert made.status_code == 201, made.text
        eventually(lambda: exempted(http), within=SOON, what="the exemption")
        passed = activate(http, plan, indicators=late)
        assert passed.status_code == 200, passed.text
        assert "ADM-03;v=1;condition-failed;/indicators/0/due" in passed.headers["Kith-Warnings"]
        kept = verdict(ruled, passed)
        assert {"rule": "ADM-03", "version": 1, "outcome": "exempted", "exemption": made.json()["id"]} in kept.rules
        assert activate(http, other, indicators=late).json()["rule"] == "ADM-03", (
            "the control arm: only for that plan"
        )
        row = next(r for r in http.get("/v1/exemptions").json()["items"] if r["exemption_id"] == made.json()["id"])
        assert (row["holds"], row["rule_id"], row["entity_id"]) == (True, "ADM-03", plan)
        assert http.post(f"/v1/exemptions/{row['exemption_id']}/end").status_code == 200
        assert http.post(f"/v1/exemptions/{row['exemption_id']}/end").status_code == 404
        eventually(lambda: not exempted(http), within=SOON, what="its end")
        listed = http.get("/v1/exemptions", params={"holding": "true"}).json()["items"]
        assert row["exemption_id"] not in {one["exemption_id"] for one in listed}


def test_who_stands_in_for_a_village_changes_no_rule_of_the_county(ruled: FrontDoor) -> None:
    officer = somebody(ruled, Role.COUNTY_OFFICER)
    worker = somebody(ruled, Role.VILLAGE_WORKER, area=f"{HERE}201")
    for area, status in ((f"{HERE}201", 404), (COUNTY, 200)):
        with standing_in(worker, given(officer, worker, Role.COUNTY_OFFICER, area=area)) as http:
            refused = set_mode(http, "ADM-02", "disabled")
            assert refused.status_code == status, "the second is the control arm"
            assert status == 200 or refused.json()["code"] == "out-of-area"
    with ruled.person(Role.COUNTY_OFFICER) as http:
        assert set_mode(http, "ADM-02", "audit").status_code == 200


def test_an_exemption_ends_by_itself_on_its_day(ruled: FrontDoor) -> None:
    until = TODAY + timedelta(days=20)
    new = ExemptFromRule(rule_id="ADM-01", area_code=THERE, until=until, reason="While the office moves")
    made = in_office(ruled, new)
    body = {"plan_id": str(uuid4()), "area_code": THERE}
    for ahead, holds in ((0, True), (20, True), (21, False)):
        day = TODAY + timedelta(days=ahead)
        with ruled.database.engine.connect() as connection:
            found = Rulebook(shipped_rules(), lambda day=day: day).current(connection)  # type: ignore[misc]
            connection.rollback()
        known = found.exempted(("plan", "activate"), body, COUNTY, day)
        assert (known.get("ADM-01") == made.id) is holds
    while_it_runs = found.exempted(("plan", "activate"), body, COUNTY, TODAY)
    assert while_it_runs == {}, "what was over when it was read is not even held"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"until": "2026-07-15", "area_code": HERE}, "exemption-ends-wrong"),
        ({"until": "2026-04-14", "area_code": HERE}, "exemption-ends-wrong"),
        ({"until": "2026-04-30"}, "exemption-of-all"),
        ({"until": "2026-04-30", "area_code": "110101"}, "out-of-area"),
    ],
)
def test_an_exemption_is_bounded(ruled: FrontDoor, said: dict[str, str], code: str) -> None:
    with ruled.person(Role.COUNTY_OFFICER) as http, ruled.person(Role.WORKING_GROUP) as group:
        body = {"reason": "Because it is tried", **said}
        assert http.post("/v1/rules/ADM-01/exemptions", json=body).json()["code"] == code
        assert group.post("/v1/rules/ADM-01/exemptions", json=body).status_code == 403


def test_ninety_days_is_the_longest(ruled: FrontDoor) -> None:
    with ruled.person(Role.COUNTY_OFFICER) as http:
        body = {"reason": "Because it is tried", "until": "2026-07-14", "area_code": THERE}
        assert http.post("/v1/rules/ADM-02/exemptions", json=body).status_code == 201


def test_a_verdict_is_judged_again_for_the_auditor_alone(ruled: FrontDoor) -> None:
    with ruled.person(Role.COUNTY_OFFICER) as officer, ruled.person(Role.AUDITOR) as auditor:
        decision = activate(officer, draft(officer), budget_line=None).json()["decision_id"]
        told = auditor.get(f"/v1/verdicts/{decision}/replay").json()
        assert (told["standing"], told["outcome"], told["replayed_outcome"]) == ("same", "deny", "deny")
        assert {"rule": "ADM-01", "was": "failed", "now": "failed"} in told["rules"]
        assert officer.get(f"/v1/verdicts/{decision}/replay").status_code == 403
        assert auditor.get(f"/v1/verdicts/{uuid4()}/replay").status_code == 404
    with ruled.person(Role.AUDITOR, area=HERE) as elsewhere:
        assert elsewhere.get(f"/v1/verdicts/{decision}/replay").status_code == 404


def test_all_verdicts_of_an_area_are_judged_again_for_the_auditor(ruled: FrontDoor) -> None:
    with ruled.person(Role.AUDITOR) as auditor, ruled.person(Role.COUNTY_OFFICER) as officer:
        asked = {"since": "2026-01-01T00:00:00Z"}
        told = auditor.get("/v1/verdicts/replay", params=asked).json()
        kept = ruled.rows("select count(*) from verdict")[0][0]
        assert (told["counted"], told["complete"], told["items"]) == ({"same": kept}, True, [])
        assert officer.get("/v1/verdicts/replay", params=asked).status_code == 403


def test_a_flood_of_refused_changes_is_counted_and_not_all_kept(ruled: FrontDoor) -> None:
    with ruled.somebody_else(Role.COUNTY_OFFICER) as flooding, ruled.somebody_else(Role.COUNTY_OFFICER) as other:
        plan, account = draft(flooding), flooding.get("/v1/me").json()["account_id"]
        answers = [activate(flooding, plan, budget_line=None) for _ in range(KEPT_A_MINUTE * 2 + 10)]
        assert {answer.status_code for answer in answers} == {422}
        last = activate(other, plan, budget_line=None)
        assert "decision_kept" not in last.json() and verdict(ruled, last), "the control arm: others are kept"
    uncounted = [answer for answer in answers if answer.json().get("decision_kept") is False]

    def counted() -> bool:
        found = ruled.rows("select coalesce(sum(count), 0) from verdict_omitted where actor_id = :id", id=account)
        return bool(found[0][0] == len(uncounted))

    eventually(counted, within=SOON, what="what was not kept is counted")
    minutes = len({answer.headers["Date"][:-7] for answer in answers if "Date" in answer.headers} or {""})
    kept = ruled.rows("select count(*) from verdict where actor_id = :id and outcome = 'deny'", id=account)[0][0]
    assert kept == len(answers) - len(uncounted) <= KEPT_A_MINUTE * minutes
    assert uncounted
    with ruled.person(Role.AUDITOR) as auditor:
        rows = auditor.get("/v1/verdicts/omitted", params={"since": "2026-01-01T00:00:00Z"}).json()["items"]
    assert sum(row["count"] for row in rows if row["actor_id"] == account) == len(uncounted)


def test_whose_verdicts_were_not_kept_is_told_for_the_askers_area(ruled: FrontDoor) -> None:
    here, there = (str(ruled.account(Role.VILLAGE_WORKER, area=f"{area}201")[1]) for area in (HERE, THERE))
    partner = f"partner:{uuid4()}"
    for actor in (here, there, partner):
        ruled.change("insert into verdict_omitted values (:actor, now(), 'c', 'deny', 7)", actor=actor)
    for area, seen in ((HERE, {here}), (COUNTY, {here, there, partner})):
        for role in (Role.AUDITOR, Role.OPERATOR):
            with ruled.person(role, area=area) as http:
                told = http.get("/v1/verdicts/omitted", params={"since": "2026-01-01T00:00:00Z"}).json()["items"]
            assert {one["actor_id"] for one in told} & {here, there, partner} == seen


def test_what_a_service_refuses_again_and_again_does_not_fill_the_record_either(ruled: FrontDoor) -> None:
    with ruled.somebody_else(Role.OPERATOR) as http:
        account = http.get("/v1/me").json()["account_id"]
        answers = [http.post(f"/v1/partner-keys/{uuid4()}/revoke") for _ in range(KEPT_A_MINUTE * 2 + 10)]
    assert {answer.status_code for answer in answers} == {404}
    kept = ruled.rows("select count(*) from verdict where actor_id = :id", id=account)[0][0]
    assert KEPT_A_MINUTE <= kept <= KEPT_A_MINUTE * 2


FILE = """
id: TRY-01
title: {en: A plan ends by November, zh: 方案须在十一月前完成}
for: {resource: plan, action: activate}
mode: audit
on_error: open
expr: "deadline <= '2026-06-30'"
"""


def test_what_a_rule_would_have_refused_is_told_before_it_does(ruled: FrontDoor) -> None:
    with ruled.person(Role.COUNTY_OFFICER) as http:
        late = activate(http, draft(http))
        assert late.status_code == 200, late.text
        before = ruled.rows("select count(*) from verdict")
        found = http.post("/v1/rules/preview", json={"file": FILE.replace("'2026-06-30'", "period_end")}).json()
        known = http.post("/v1/rules/preview", json={"rule_id": "ADM-01"}).json()["items"][0]
        asking = FILE.replace("deadline <= '2026-06-30'", "lead_unit != 'family_planning_association'")
        tried = http.post("/v1/rules/preview", json={"file": asking}).json()["items"][0]
        assert ruled.rows("select count(*) from verdict") == before
    assert found["complete"] is True
    assert known["failed"] > 0 and known["passed"] > 0 and known["already_refused"] > 0
    assert late.headers["Kith-Decision"] in tried["first"]
    assert tried["by_command"] == {"activities.activate_plan": tried["failed"]}
    assert tried["by_area"] == {COUNTY: tried["failed"]}
    assert tried["seen"] == tried["passed"] + tried["failed"] + tried["unknown"] + tried["error"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "body-invalid"),
        ({"file": FILE, "rule_id": "ADM-01"}, "body-invalid"),
        ({"rule_id": "XXX-99"}, "rule-unknown"),
        ({"file": "id: ["}, "rules-refused"),
        ({"file": FILE.replace("expr:", "gate: {after: +5d}\nexpr:")}, "rules-refused"),
        ({"file": FILE.replace("deadline <=", "__import__('os').x <=")}, "rules-refused"),
        (
            {"file": FILE.replace("plan, action", "visit_report, action").replace("audit", "enforce")},
            "rules-refused",
        ),
        ({"file": "\n".join(f"- {{id: T-{n}}}" for n in range(500))}, "rules-refused"),
        ({"file": "x" * 20_001}, "body-invalid"),
        ({"file": "&a [*a, *a]"}, "rules-refused"),
    ],
)
def test_a_rule_file_that_cannot_be_tried_is_refused_with_its_problems(
    ruled: FrontDoor, body: dict[str, str], code: str
) -> None:
    with ruled.person(Role.COUNTY_OFFICER) as http, ruled.person(Role.AUDITOR) as auditor:
        answer = http.post("/v1/rules/preview", json=body)
        assert answer.json()["code"] == code, answer.text
        assert auditor.post("/v1/rules/preview", json=body).status_code == 403


def statements(doors: Doors, name: str, body: dict[str, Any], times: int = 1) -> list[str]:
    """What the last of so many judgements asks of the database."""
    order = Order(name=name, body=body, actor=OFFICER, idempotency_key="k", traceparent="")
    asked: list[str] = []
    sa.event.listen(doors.database.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    with doors.database.engine.connect() as connection:
        for _ in range(times):
            asked.clear()
            doors.judging.decide(connection, order)
        connection.rollback()
    return [statement.split()[0].lower() for statement in asked]


@pytest.fixture
def doors(ruled: FrontDoor) -> Iterator[Doors]:
    found = Doors.of(ruled.settings, ruled.switchboard)
    yield found
    found.database.close()


def test_judging_asks_the_database_for_nothing_but_the_record(doors: Doors) -> None:
    with doors.database.begin() as connection:
        news = doors.rules.news(connection)
    assert news is not None
    doors.rules.hold(news)
    plan = {"plan_id": str(uuid4()), **plan_content(TODAY.year)}
    visit = {
        "household_id": str(uuid4()),
        "match_id": str(uuid4()),
        "visited_on": "2026-04-14",
        "outcome": "all_well",
    }
    assert statements(doors, "activities.activate_plan", plan) == ["insert"]
    assert statements(doors, "activities.report_visit", visit) == ["select", "select", "insert"], (
        "one look for the pair"
    )
    denied = {"plan_id": str(uuid4())}
    assert statements(doors, "activities.activate_plan", denied) == ["insert"]
    assert statements(doors, "activities.activate_plan", denied, times=KEPT_A_MINUTE * 2 + 1) == []


def test_control_a_gateway_that_holds_nothing_yet_asks_for_more(doors: Doors) -> None:
    plan = {"plan_id": str(uuid4()), **plan_content(TODAY.year)}
    assert len(statements(doors, "activities.activate_plan", plan)) > 3
