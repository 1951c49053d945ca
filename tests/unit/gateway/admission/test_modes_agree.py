"""Audit and enforce say the same of 10,000 random changes; and what was said is said again when it is replayed."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from gateway.admission.compiled import PASSED, Compiled, Judged
from gateway.admission.evaluate import RuleSet
from gateway.admission.replaying import recorded
from gateway.admission.shipped import shipped_rules
from tests.support.random_changes import Change, changes

COUNT = 10_000
SHIPPED = shipped_rules()
DRAWN = list(changes(SHIPPED, COUNT, seed=20260415))


def all_in(mode: Any) -> RuleSet:
    return SHIPPED.in_modes({source.rule.id: mode for source in SHIPPED.sources})


def differing(one: RuleSet, other: RuleSet, drawn: list[Change]) -> list[Change]:
    """Changes of which two rule sets do not find the same."""
    found = []
    for change in drawn:
        resource, action, body, known = change
        said = [
            [(r.rule, r.outcome) for r in rules.judge(resource, action, body, known, known).rules]
            for rules in (one, other)
        ]
        if said[0] != said[1]:
            found.append(change)
    return found


def test_audit_and_enforce_give_the_same_verdict_on_ten_thousand_random_changes() -> None:
    assert len(DRAWN) == COUNT
    assert differing(all_in("audit"), all_in("enforce"), DRAWN) == []


def test_the_random_changes_try_every_rule_with_every_outcome() -> None:
    """Otherwise agreement would say little."""
    found: Counter[tuple[str, str]] = Counter()
    audit = all_in("audit")
    for resource, action, body, known in DRAWN:
        found.update((r.rule, r.outcome) for r in audit.judge(resource, action, body, known, known).rules)
    for source in SHIPPED.sources:
        assert found[source.rule.id, "passed"] > 0, source.rule.id
        assert found[source.rule.id, "failed"] > 0, source.rule.id
    assert sum(count for (_, outcome), count in found.items() if outcome == "error") > 100


def lenient(judge: Callable[..., Judged]) -> Callable[..., Judged]:
    """A rule that looks at a list's items only where it is enforced: the mistake that would never be noticed in audit."""

    def broken(self: Compiled, body: Mapping[str, Any], known: Mapping[str, Any]) -> Judged:
        found = judge(self, body, known)
        pointed = {pointer for pointers in found.found.values() for pointer in pointers}
        if self.rule.mode == "audit" and pointed and all(pointer.count("/") > 1 for pointer in pointed):
            return PASSED
        return found

    return broken


def test_control_a_mode_that_changes_what_is_found_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Compiled, "judge", lenient(Compiled.judge))
    assert differing(all_in("audit"), all_in("enforce"), DRAWN)


def replayed_otherwise(rules: RuleSet, drawn: list[Change], kept: Callable[[Any], Any]) -> list[Change]:
    """Changes of which the replay from what was kept does not say what was said at first."""
    found = []
    for change in drawn:
        resource, action, body, known = change
        first = rules.judge(resource, action, body, known, known)
        again = rules.replay(resource, action, kept(json.loads(json.dumps(first.values))))
        if (again.outcome, recorded(again)) != (first.outcome, recorded(first)):
            found.append(change)
    return found


def test_a_replay_from_the_kept_values_says_the_same_of_all_of_them() -> None:
    assert replayed_otherwise(SHIPPED, DRAWN, lambda values: values) == []


def test_control_a_record_that_forgets_a_value_is_seen() -> None:
    def without_roles(values: Any) -> Any:
        return {**values, "body": {name: value for name, value in values["body"].items() if name != "roles"}}

    assert replayed_otherwise(SHIPPED, DRAWN, without_roles)
