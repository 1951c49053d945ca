from typing import Any

import pytest

from gateway.admission.evaluate import RuleSet
from gateway.admission.selftest import run, unsaid
from tests.support.admission import rule, ruleset

SHIPPED = RuleSet.load()
ADM_01 = next(source.rule for source in SHIPPED.sources if source.rule.id == "ADM-01")


def test_the_shipped_rules_keep_their_own_examples() -> None:
    assert {"ADM-01", "VIS-DQ-02"} <= {source.rule.id for source in SHIPPED.sources}
    assert len(SHIPPED.sources) >= 12
    assert run(SHIPPED) == unsaid(SHIPPED) == []


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ({"input": {"a": 1}, "expect": "deny"}, "passed"),
        ({"input": {}, "expect": "allow"}, "failed"),
        ({"input": {}, "expect": "warn"}, "makes it deny"),
        ({"input": {}, "expect": "deny", "pointer": "/b"}, "said field-missing at /a"),
        ({"input": {}, "expect": "deny", "code": "too-few"}, "expected too-few"),
        ({"input": {}, "expect": "deny", "action": "read"}, "does not apply"),
        ({"input": {}, "expect": "not_applicable"}, "not_applicable"),
        ({"input": {}, "expect": "error"}, "expected error"),
        ({"input": {"a": 1}, "expect": "deny", "remove": "/z"}, "cannot be set up"),
        ({"input": "fixtures/nowhere.json", "expect": "allow"}, "cannot be read"),
    ],
)
def test_an_example_that_does_not_hold_is_named(test: dict[str, Any], said: str) -> None:
    broken = [one for one in run(ruleset(rule(require=["a"], tests=[{"name": "t", **test}]))) if one.test == "t"]
    assert len(broken) == 1
    assert said in broken[0].said


def test_a_rule_without_examples_is_broken() -> None:
    assert [one.said for one in run(ruleset(rule(require=["a"])))] == [
        "no test expects allow",
        "no test expects deny or warn",
    ]


@pytest.mark.parametrize("mode", ["audit", "disabled"])
def test_a_rule_keeps_its_examples_while_it_is_only_tried_out(mode: str) -> None:
    """What a rule finds is the same; only an example that speaks of the effect says which mode it has in mind."""
    shipped = ADM_01
    tried = run(ruleset(shipped.model_copy(update={"mode": mode})))
    assert {one.test for one in tried} == {test.name for test in shipped.tests if test.effect}
    assert len(run(ruleset(shipped.model_copy(update={"mode": mode, "require": ()})))) > len(tried)


def test_an_example_may_say_what_the_effect_would_be_in_another_mode() -> None:
    example = {"name": "t", "input": {}, "expect": "deny", "mode": "enforce", "effect": "denied"}
    fine = {"name": "ok", "input": {"a": 1}, "expect": "allow"}
    assert run(ruleset(rule(require=["a"], mode="audit", tests=[fine, example]))) == []
    wrong = run(ruleset(rule(require=["a"], mode="audit", tests=[fine, {**example, "effect": "warned"}])))
    assert [one.said for one in wrong] == ["expected warned, the mode enforce makes it denied"]


def test_a_shipped_rule_says_all_that_it_has_to() -> None:
    terse = rule(require=["a"], on_error=None)
    assert [one.said.removeprefix("does not say ") for one in unsaid(ruleset(terse))] == [
        "on_error", "title.zh", "remedy", "remedy.zh",
    ]  # fmt: skip
