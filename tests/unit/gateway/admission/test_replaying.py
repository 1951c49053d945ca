"""The same inputs and the same version of the rules give the same answer; what was altered is told apart."""

import copy
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway.admission.evaluate import RuleSet
from gateway.admission.replaying import Kept, Replayer, Stored, let_in, recorded, restored, told
from gateway.admission.shipped import shipped_rules
from tests.support.admission import situation

RULES = shipped_rules()
NOW = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)
EXEMPTION = UUID(int=5)


def kept(rules: RuleSet = RULES, *, exempted: bool = False, **changed: Any) -> Kept:
    body, facts = situation("plan_ok")
    exemptions = {"ADM-01": EXEMPTION} if exempted else {}
    judgement = rules.judge("plan", "activate", {**body, **changed}, facts, facts, exemptions)
    outcomes = [
        {"rule": one.rule, "version": one.version, "outcome": one.told,
         **({"exemption": str(one.exemption)} if one.exemption else {})}
        for one in judgement.rules
    ]  # fmt: skip
    return Kept(uuid4(), NOW, "990101", "activities.activate_plan", "plan", "activate", judgement.outcome,
                tuple(outcomes), judgement.values, judgement.ruleset_version)  # fmt: skip


def replayer(stored: Stored | None = None) -> Replayer:
    return Replayer(lambda version: stored or told(RULES))


@pytest.mark.parametrize("changed", [{}, {"budget_line": None}, {"deadline": "2027-01-01"}, {"indicators": []}])
def test_a_verdict_is_given_again(changed: dict[str, Any]) -> None:
    found = replayer().replay(kept(**changed))
    assert found.standing == "same"
    assert all(one.was == one.now for one in found.rules)


def test_the_kept_text_of_the_rules_gives_the_same_version_in_every_mode() -> None:
    for mode in ("disabled", "audit", "warn", "enforce"):
        rules = RULES.in_modes({"ADM-01": mode})  # type: ignore[dict-item]
        again = restored(told(rules), rules.version)
        assert again is not None and again.version == rules.version


def test_control_a_value_that_was_altered_in_the_record_is_seen() -> None:
    good = kept()
    values = copy.deepcopy(dict(good.values))
    values["body"]["deadline"] = "2030-01-01"
    altered = Kept(**{**{name: getattr(good, name) for name in Kept.__slots__}, "values": values})
    found = replayer().replay(altered)
    assert (found.standing, found.outcome) == ("differs", "deny")
    assert [(one.rule, one.was, one.now) for one in found.rules if one.was != one.now] == [
        ("ADM-01", "passed", "failed")
    ]


def test_control_an_outcome_that_was_altered_in_the_record_is_seen() -> None:
    good = kept(budget_line=None)
    assert good.outcome == "deny"
    altered = Kept(**{**{name: getattr(good, name) for name in Kept.__slots__}, "outcome": "allow"})
    assert replayer().replay(altered).standing == "differs"


def test_control_rules_that_were_altered_in_the_record_are_seen() -> None:
    said, words = copy.deepcopy(told(RULES))
    next(one for one in said if one["id"] == "ADM-01")["require"] = ["deadline"]  # type: ignore[index]
    assert replayer((said, words)).replay(kept()).standing == "rules-altered"
    assert replayer((said, {"context": [], "facts": []})).replay(kept()).standing == "rules-altered"


def test_rules_that_nobody_kept_are_told_as_such() -> None:
    assert Replayer(lambda version: None).replay(kept()).standing == "rules-unknown"


def test_an_exemption_is_among_the_inputs() -> None:
    one = kept(exempted=True, budget_line=None)
    assert one.outcome in ("allow", "warn")
    assert {r["rule"]: r["outcome"] for r in one.rules}["ADM-01"] == "exempted"
    assert replayer().replay(one).standing == "same"


def test_control_without_its_exemption_the_change_would_have_been_refused() -> None:
    one = kept(exempted=True, budget_line=None)
    bare = tuple({k: v for k, v in rule.items() if k != "exemption"} for rule in one.rules)
    found = replayer().replay(Kept(**{**{name: getattr(one, name) for name in Kept.__slots__}, "rules": bare}))
    assert (found.standing, found.outcome) == ("differs", "deny")


def test_each_version_is_read_once() -> None:
    asked: list[str] = []

    def find(version: str) -> Stored:
        asked.append(version)
        return told(RULES)

    again = Replayer(find)
    assert [again.replay(kept()).standing for _ in range(5)] == ["same"] * 5
    assert asked == [RULES.version]


@pytest.mark.parametrize(("outcome", "care", "then"), [("deny", True, "warn"), ("unavailable", True, "warn"), ("deny", False, "deny"), ("allow", True, "allow")])  # fmt: skip
def test_care_is_let_in_in_a_replay_too(outcome: Any, care: bool, then: str) -> None:
    assert let_in(outcome, care=care) == then


def test_an_exempted_failure_is_recorded_as_such_and_shown() -> None:
    body, facts = situation("plan_ok")
    judgement = RULES.judge("plan", "activate", {**body, "budget_line": None}, facts, facts, {"ADM-01": EXEMPTION})
    assert recorded(judgement)["ADM-01"] == "exempted"
    assert [(f.rule, f.effect) for f in judgement.shown] == [("ADM-01", "exempted")]
