import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.admission.evaluate import RuleSet
from gateway.admission.loading import RulesRefused, parse_rules
from gateway.admission.shipped import MOST_ON_TRIAL, compiled_on_trial
from gateway.admission.vocabulary import NEVER_BLOCKED, forbidden_target, never_blocked
from tests.support.admission import rule, ruleset

PLAIN = {"id": "TST-01", "title": {"en": "A rule"}, "for": {"resource": "plan", "action": "activate"},
         "mode": "enforce", "require": ["deadline"]}  # fmt: skip


def problems(**said: Any) -> str:
    try:
        rules = parse_rules(yaml.safe_dump({**PLAIN, **said}))
        ruleset(*rules)
    except RulesRefused as refused:
        return str(refused)
    return ""


def test_a_plain_rule_is_taken() -> None:
    assert problems() == ""


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ({"requires": ["x"]}, "requires"),
        ({"mode": "strict"}, "mode"),
        ({"on_error": "ajar"}, "on_error"),
        ({"version": "1"}, "version"),
        ({"version": 0}, "version"),
        ({"id": "nothing"}, "id"),
        ({"title": {"zh": "规则"}}, "title.en"),
        ({"for": {"resource": "plan"}}, "action"),
        ({"for": {"resource": "plan", "action": "activate", "who": "x"}}, "who"),
        ({"each": {"path": "indicators"}}, "each says nothing"),
        ({"each": {"path": "indicators", "max": 3}}, "max"),
        ({"require": ["__class__"]}, "require"),
        ({"require": [], "expr": None}, "says nothing"),
        ({"require": ["today"]}, "known to the gateway"),
        ({"expr": "lambda: 1"}, "defined in a rule"),
        ({"tests": [{"name": "a", "input": "../secret.json", "expect": "allow"}]}, "input"),
        ({"tests": [{"name": "a", "input": "/etc/passwd", "expect": "allow"}]}, "input"),
        ({"tests": [{"name": "a", "input": {}, "expect": "maybe"}]}, "expect"),
        ({"tests": [{"name": "a", "input": {}, "expect": e} for e in ("deny", "allow")]}, "one name"),
    ],
)
def test_what_the_schema_does_not_know_is_refused_by_name(said: dict[str, Any], about: str) -> None:
    assert about in problems(**said)


def test_two_rules_of_one_id_are_refused() -> None:
    with pytest.raises(RulesRefused, match="two rules have this id"):
        ruleset(rule(require=["a"]), rule(require=["b"]))


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("id: X-1\nmode: nonsense\n", encoding="utf-8")
    with pytest.raises(RulesRefused) as refused:
        RuleSet.load([tmp_path / "a.yaml", tmp_path / "b.yaml"])
    assert {problem.split(":")[0] for problem in refused.value.problems} == {"a.yaml", "b.yaml"}


@pytest.mark.parametrize("word", ["on", "off", "yes", "no"])
def test_a_word_that_yaml_turns_into_a_truth_value_is_refused(word: str) -> None:
    with pytest.raises(RulesRefused, match="truth value"):
        parse_rules(f"id: X-1\nmode: {word}\n")
    with pytest.raises(RulesRefused, match="truth value"):
        parse_rules(f"{word}: X-1\n")


@pytest.mark.parametrize(
    "text",
    [
        "id: X-1\nid: X-2\n",
        "a: &x 1\nb: *x\n",
        "!!python/object/apply:os.system ['true']",
        "id: [",
        "",
        "1: 2",
        "a: .nan",
    ],
)
def test_yaml_that_is_not_plain_is_refused(text: str) -> None:
    with pytest.raises(RulesRefused):
        parse_rules(text)


def test_an_unquoted_date_in_a_rule_stays_text() -> None:
    said = (
        "{id: T-1, title: {en: x}, for: {resource: plan, action: a}, mode: warn, require: [d],"
        " tests: [{name: t, input: {d: 2026-04-15}, expect: allow}]}"
    )
    assert parse_rules(said)[0].tests[0].input == {"d": "2026-04-15"}


@pytest.mark.parametrize(
    "resource", [*sorted(NEVER_BLOCKED), "visits", "consent_withdrawal", "benefit_application"]
)
def test_law_l3_a_rule_over_care_may_only_audit_or_warn(resource: str) -> None:
    over = {"resource": resource, "action": "submit"}
    assert "law L3" in problems(**{"for": over, "mode": "enforce"})
    assert "law L3" in problems(**{"for": over, "mode": "warn", "on_error": "closed"})
    assert problems(**{"for": over, "mode": "warn", "on_error": "open"}) == ""
    assert problems(**{"for": over, "mode": "audit"}) == ""


def test_law_l3_holds_for_resources_that_only_the_commands_declare_too() -> None:
    blocking = rule(**{"for": {"resource": "hearing", "action": "ask"}, "require": ["a"]})
    assert ruleset(blocking).version
    with pytest.raises(RulesRefused, match="law L3"):
        ruleset(blocking, never_blocked=frozenset({"hearing"}))


@pytest.mark.parametrize("resource", ["plan", "period", "target", "removal", "pairless"])
def test_other_resources_may_be_gated(resource: str) -> None:
    assert not never_blocked(resource)


@pytest.mark.parametrize(
    "said",
    [
        {"require": ["consent_rate"]},
        {"require": ["births"]},
        {"require": ["village.birth_count"]},
        {"require": ["newborns"]},
        {"require": ["findings"]},
        {"require": ["pregnancyCount"]},
        {"each": {"path": "prenatal_checks", "min": 5}},
        {"each": {"path": "rows", "require": ["folic_acid_supplied"]}},
        {"expr": "consents_given * 100 >= households * 95"},
        {"expr": "all(h.consented for h in rows)"},
        {"expr": "all(h.consent.given for h in rows)"},
        {"expr": "area.consent.rate > 95"},
        {"expr": "len(findings) >= 3"},
        {"expr": "any(f.kind == 'x' for f in inspection.findings)"},
        {"expr": "all(t.indicator != 'HLT-01' for t in targets)"},
        {"expr": "indicator == 'IMP-01'"},
        {"expr": "kind == 'prenatal_check'"},
        {"expr": "kind == '孕前检查'"},
        {"for": {"resource": "birth_target", "action": "set"}},
    ],
)
def test_g3_no_rule_rests_on_consent_reproduction_or_findings(said: dict[str, Any]) -> None:
    assert "requirement G3" in problems(**said)


def test_g3_which_consent_it_was_may_be_asked() -> None:
    assert problems(require=["consent_ref"]) == ""
    assert problems(expr="carrier != 'healthy_birth'") == ""


@pytest.mark.parametrize(
    "name", ["consent_rate", "share_of_consents", "births", "uptake_prenatal", "HLT-04", "number_of_findings"]
)
def test_g3_targets_can_be_held_to_the_same_words(name: str) -> None:
    assert forbidden_target(name)


@pytest.mark.parametrize("name", ["SURV-01", "SURV-04", "PAIR-01", "spent", "first_visit_days", "consent_ref"])
def test_g3_other_targets_are_free(name: str) -> None:
    assert forbidden_target(name) is None


@pytest.mark.parametrize(
    ("said", "personal"),
    [
        ({"require": ["phone"]}, "phone"),
        ({"require": ["contact.phone"]}, "contact.phone"),
        ({"require": ["contact"]}, "contact.phone"),
        ({"require": ["contact.phone.mobile"]}, "contact.phone"),
        ({"each": {"path": "members", "require": ["name"]}}, "members.name"),
        ({"expr": "all(m.name != 'x' for m in members)"}, "members.name"),
        ({"expr": "all(m['name'] != 'x' for m in members)"}, "members.name"),
        ({"expr": "members[0].name == 'x'"}, "members.name"),
        ({"expr": "all(m == 'x' for m in members)"}, "members"),
    ],
)
def test_no_rule_names_a_personal_field_or_what_holds_it(said: dict[str, Any], personal: str) -> None:
    one = rule(**said)
    with pytest.raises(RulesRefused, match="personal"):
        ruleset(one, personal_fields={"plan": frozenset({personal})})
    assert ruleset(one, personal_fields={"task": frozenset({personal})}).version


def test_a_rule_may_count_a_list_whose_items_hold_personal_fields() -> None:
    counting = rule(expr="len(members) > 0 and all(m.role in catalogue for m in members)")
    assert ruleset(counting, personal_fields={"plan": frozenset({"members.name"})}).version


@pytest.mark.parametrize(
    "later",
    [
        "deadline: {indicator: SURV-01, before: '{year}-04-16', met_when: 'num * 100 >= den * 98'}",
        "gate: {after: +5d, denies: [{resource: plan, action: create}]}",
        "escalate: [{at: -14d, to: village}]",
    ],
)
def test_rules_with_deadlines_and_gates_are_refused_in_a_sentence(later: str) -> None:
    with pytest.raises(RulesRefused) as refused:
        parse_rules(f"id: DL-SURV-0415\ntitle: {{en: Survey due}}\n{later}\n")
    [said] = refused.value.problems
    assert said.startswith(f"DL-SURV-0415: '{later.split(':')[0]}' is not judged here")
    assert "leave the rule out" in said


@pytest.mark.parametrize(
    "text",
    [
        "[" * 5_000,
        "{a: " * 5_000,
        "- " * 9_000,
        f"id: {'9' * 9_000}",
        "version: 1e999999",
        "a: !!binary '*'",
        "a: !!set {x}",
        "? [a]: b",
        "a: 2026-99-99",
        "a: '\x07'",
        "%YAML 9.9\n---\na: 1",
    ],
)
def test_a_hostile_file_is_refused_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(RulesRefused):
        parse_rules(text)


RULE_TEXT = yaml.safe_dump({**PLAIN, "expr": "all(i['code'] in catalogue for i in indicators)"})


@given(st.data())
def test_a_mangled_rule_file_is_taken_or_refused_and_nothing_else_happens(data: st.DataObject) -> None:
    text = RULE_TEXT
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(st.text(max_size=6)) + text[at + data.draw(st.integers(0, 8)) :]
    try:
        compiled_on_trial(text)
    except RulesRefused:
        return


def test_a_file_of_many_rules_is_not_tried_at_once() -> None:
    rules = [{**PLAIN, "id": f"T-{number}"} for number in range(MOST_ON_TRIAL + 1)]
    assert len(compiled_on_trial(json.dumps(rules[:-1]))) == MOST_ON_TRIAL
    with pytest.raises(RulesRefused, match="more than"):
        compiled_on_trial(json.dumps(rules))


def test_a_rule_on_trial_is_held_to_what_commands_declare() -> None:
    over_care = {**PLAIN, "for": {"resource": "helper", "action": "leave"}, "require": ["left_on"]}
    personal = {**PLAIN, "for": {"resource": "account", "action": "create"}, "require": ["username"]}
    for one, about in ((over_care, "law L3"), (personal, "personal")):
        with pytest.raises(RulesRefused, match=about):
            compiled_on_trial(json.dumps(one))
