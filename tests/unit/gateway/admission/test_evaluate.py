import dataclasses
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.admission.compiled import compile_rule
from gateway.admission.evaluate import RuleSet
from gateway.admission.schema import Mode
from gateway.admission.vocabulary import Vocabulary
from tests.support.admission import judged, rule, ruleset, situation

MODES: dict[Mode, tuple[str, str]] = {
    "disabled": ("allow", "none"),
    "audit": ("allow", "recorded"),
    "warn": ("warn", "warned"),
    "enforce": ("deny", "denied"),
}
SHIPPED = RuleSet.load()
ADM_01 = next(source.rule for source in SHIPPED.sources if source.rule.id == "ADM-01")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.dates().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
SLOW_TO_DRAW = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
PLAN_BODIES = st.fixed_dictionaries(
    {},
    optional={
        "lead_unit": JSON,
        "deadline": JSON,
        "budget_line": JSON,
        "indicators": JSON
        | st.lists(
            st.fixed_dictionaries({}, optional=dict.fromkeys(("code", "baseline", "target", "due", "name"), JSON))
        ),
        "remarks": JSON,
    },
)


def plan() -> tuple[dict[str, Any], dict[str, Any]]:
    return situation("plan_ok")


def test_all_failures_come_at_once_with_pointers_titles_and_remedy() -> None:
    body, facts = plan()
    del body["budget_line"], body["indicators"][0]["due"]
    body["indicators"][1]["code"], body["deadline"] = "PAIR-99", "2027-02-01"
    judgement = SHIPPED.judge("plan", "activate", body, facts, facts)
    assert judgement.outcome == "deny"
    mine = [failure for failure in judgement.failures if failure.rule == "ADM-01"]
    assert {failure.code: failure.pointers for failure in mine} == {
        "field-missing": ("/budget_line", "/indicators/0/due"),
        "condition-failed": ("/indicators/1/code", "/deadline"),
    }
    for failure in mine:
        assert (failure.version, failure.mode) == (1, "enforce")
        assert failure.title.zh and failure.title.en and failure.remedy and failure.remedy.zh


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_finds_the_same_and_only_the_effect_differs(mode: Mode) -> None:
    body, facts = plan()
    shipped = ADM_01
    wrong = {**body, "deadline": "2030-01-01", "lead_unit": ""}
    judgement = judged(shipped.model_copy(update={"mode": mode}), wrong, facts)
    told = judgement.rules[0]
    assert (judgement.outcome, told.effect) == MODES[mode]
    assert told.outcome == "failed"
    assert [(f.code, f.pointers) for f in judgement.failures] == (
        [] if mode == "disabled" else [("field-missing", ("/lead_unit",)), ("condition-failed", ("/deadline",))]
    )


@SLOW_TO_DRAW
@given(PLAN_BODIES, st.sampled_from(list(MODES)))
def test_whatever_the_body_the_mode_never_changes_what_a_rule_finds(body: dict[str, Any], mode: Mode) -> None:
    _, facts = plan()
    shipped = ADM_01
    other = shipped.model_copy(update={"mode": mode})
    found = [compile_rule(r, Vocabulary(), frozenset(), frozenset()).judge(body, facts) for r in (shipped, other)]
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("mode", "on_error", "outcome", "effect"),
    [
        ("enforce", "closed", "unavailable", "unavailable"),
        ("enforce", None, "unavailable", "unavailable"),
        ("enforce", "open", "allow", "flagged"),
        ("warn", "closed", "allow", "flagged"),
        ("audit", "open", "allow", "flagged"),
        ("disabled", "closed", "allow", "none"),
    ],
)
def test_a_missing_fact_is_an_error_and_on_error_decides(
    mode: str, on_error: str, outcome: str, effect: str
) -> None:
    judgement = judged(rule(mode=mode, on_error=on_error, expr="due <= period_end"), {"due": "2026-01-01"})
    assert judgement.outcome == outcome
    assert (judgement.rules[0].outcome, judgement.rules[0].effect) == ("error", effect)


def test_a_definite_failure_outweighs_a_missing_fact() -> None:
    one = rule(require=["lead_unit"], expr="due <= period_end")
    assert judged(one, {"due": "2026-01-01"}).outcome == "deny"


@pytest.mark.parametrize("body", [{}, {"due": None}, {"due": 5}, {"due": "soon"}, {"due": [1]}, {"due": {"a": 1}}])
def test_what_the_body_lacks_is_the_senders_to_mend_and_never_slips_past_an_open_rule(body: dict[str, Any]) -> None:
    judgement = judged(rule(on_error="open", expr="due <= period_end"), body, {"period_end": date(2026, 12, 31)})
    assert judgement.outcome == "deny"
    assert judgement.failures[0].pointers == ("/due",)


def test_a_missing_field_is_named_once_though_two_clauses_ask_for_it() -> None:
    judgement = judged(rule(require=["due"], expr="due <= period_end"), {}, {"period_end": "2026-12-31"})
    assert [(f.code, f.pointers) for f in judgement.failures] == [("field-missing", ("/due",))]


def test_facts_that_raise_are_missing_facts() -> None:
    def down(name: str) -> Any:
        raise ConnectionError(name)

    one = ruleset(rule(expr="visited_on >= pair.started_on"))
    assert one.judge("plan", "activate", {"visited_on": "2026-01-01"}, {}, down).outcome == "unavailable"


@pytest.mark.parametrize("facts", [{"pair": {"started_on": "2026-01-01"}}, {"pair.started_on": date(2026, 1, 1)}, lambda name: {"pair.started_on": "2026-01-01"}[name]])  # fmt: skip
def test_facts_come_nested_by_dotted_name_or_from_a_function(facts: Any) -> None:
    one = ruleset(rule(expr="visited_on >= pair.started_on"))
    assert one.facts_needed("plan", "activate") == {"pair.started_on"}
    for day, outcome in (("2026-01-01", "allow"), ("2025-12-31", "deny")):
        assert one.judge("plan", "activate", {"visited_on": day}, {}, facts).outcome == outcome


FORGED = {"due": "2030-01-01", "period_end": "2099-12-31", "pair": {"ok": True}, "pair.ok": True}


def test_a_body_cannot_pass_itself_off_as_context_or_fact() -> None:
    assert judged(rule(expr="due <= period_end"), FORGED, {"period_end": "2026-12-31"}).outcome == "deny"
    assert judged(rule(expr="pair.ok"), FORGED).outcome == "unavailable"


def test_control_without_the_vocabulary_the_forged_body_passes() -> None:
    nothing = Vocabulary(frozenset(), frozenset())
    assert judged(rule(expr="due <= period_end and pair.ok"), FORGED, words=nothing).outcome == "allow"


def test_a_visit_report_is_never_held_back_whatever_it_lacks() -> None:
    judgement = SHIPPED.judge("visit_report", "submit", {}, {}, {})
    assert judgement.outcome == "warn"
    assert judgement.shown


@SLOW_TO_DRAW
@given(PLAN_BODIES, st.dictionaries(st.sampled_from(["today", "period_end", "catalogue", "pair"]), JSON))
def test_no_body_and_no_fact_makes_the_judge_raise(body: dict[str, Any], known: dict[str, Any]) -> None:
    assert SHIPPED.judge("plan", "activate", body, known, known).outcome in ("allow", "deny", "unavailable")
    assert SHIPPED.judge("visit_report", "submit", body, known, known).outcome in ("allow", "warn")


@SLOW_TO_DRAW
@given(PLAN_BODIES)
def test_a_judgement_is_replayed_from_its_values(body: dict[str, Any]) -> None:
    _, facts = plan()
    first = SHIPPED.judge("plan", "activate", body, {**facts, "period_end": date(2026, 12, 31)}, {})
    again = SHIPPED.replay("plan", "activate", json.loads(json.dumps(first.values)))
    assert (again.outcome, again.failures, again.rules) == (first.outcome, first.failures, first.rules)


def test_control_a_replay_without_one_of_the_values_differs() -> None:
    body, facts = plan()
    values = dict(SHIPPED.judge("plan", "activate", body, facts, {}).values)
    values["body"] = {key: value for key, value in values["body"].items() if key != "deadline"}
    assert SHIPPED.replay("plan", "activate", values).outcome == "deny"


def test_values_hold_what_the_rules_name_and_nothing_else() -> None:
    canary = "13800000000"
    one = rule(
        each={"path": "members", "min": 1, "require": ["role"]},
        expr="len(tags) < 5 and all(m.age > 0 for m in more)",
    )
    body = {"members": [{"role": "a", "phone": canary}, canary, [canary], int(canary)], "tags": [canary],
            "more": {"phone": canary}, "remarks": canary}  # fmt: skip
    values = judged(one, body).values
    assert canary not in json.dumps(values)
    assert values["body"]["members"][0] == {"role": "a"}
    assert len(values["body"]["members"]) == 4


def test_failures_hold_no_value_of_the_body() -> None:
    body, facts = plan()
    body["deadline"], body["lead_unit"] = "canary-4711", {"canary-4711": 1}
    body["indicators"][0]["code"] = "canary-4711"
    assert "canary-4711" not in repr(SHIPPED.judge("plan", "activate", body, facts, facts).failures)


def test_a_change_that_no_rule_speaks_of_is_allowed() -> None:
    judgement = SHIPPED.judge("place", "register", {"a": 1}, {}, {})
    assert (judgement.outcome, judgement.failures, judgement.rules, judgement.values) == ("allow", (), (), {})


def test_the_rule_sets_version_changes_with_what_the_rules_say_and_not_with_their_order_or_tests() -> None:
    a, b = rule(require=["a"]), rule(id="TST-02", require=["b"])
    assert ruleset(a, b).version == ruleset(b, a).version
    assert ruleset(a).version != ruleset(rule(require=["a", "c"])).version
    assert ruleset(a).version != ruleset(rule(require=["a"], mode="warn")).version
    tested = rule(require=["a"], tests=[{"name": "t", "input": {}, "expect": "deny"}])
    assert ruleset(a).version == ruleset(tested).version


def test_the_gravest_effect_decides() -> None:
    warns, closed, denies = (
        rule(id="TST-01", mode="warn", on_error="open", require=["x"]),
        rule(id="TST-02", expr="pair.ok"),
        rule(id="TST-03", require=["y"]),
    )
    outcomes = [
        ruleset(*some).judge("plan", "activate", {}, {}, {}).outcome
        for some in ((warns,), (warns, closed), (warns, closed, denies))
    ]
    assert outcomes == ["warn", "unavailable", "deny"]


@pytest.mark.parametrize(
    ("value", "filled"),
    [
        (0, True),
        (False, True),
        ("x", True),
        ([0], True),
        (None, False),
        ("", False),
        ("　 ", False),
        ([], False),
        ({}, False),
    ],
)
def test_a_required_field_must_hold_something(value: object, filled: bool) -> None:
    assert (judged(rule(require=["a"]), {"a": value}).outcome == "allow") is filled
    assert (
        judged(rule(each={"path": "r", "require": ["a.b"]}), {"r": [{"a": {"b": value}}]}).outcome == "allow"
    ) is filled


def test_a_list_that_is_none_is_unusable_and_too_short_a_one_is_told() -> None:
    one = rule(each={"path": "r", "min": 2})
    codes = [judged(one, {"r": r}).failures[0].code for r in ("ab", {"a": 1}, [1], None, [0] * 501)]
    assert codes == ["value-unusable", "value-unusable", "too-few", "field-missing", "value-unusable"]


class Breaking:
    """A condition with a fault of its own, as a mistake in the evaluator would be."""

    def check(self, body: object, known: object) -> None:
        raise ZeroDivisionError


def test_a_fault_of_the_evaluator_itself_is_an_error_for_on_error_and_never_an_exception() -> None:
    whole = compile_rule(rule(require=["a"]), Vocabulary(), frozenset(), frozenset())
    broken = dataclasses.replace(whole, conditions=(Breaking(),))  # type: ignore[arg-type]
    judged_ = broken.judge({"a": 1}, {})
    assert (judged_.outcome, judged_.found, broken.effect("error")) == ("error", {"rule-broken": ()}, "unavailable")
