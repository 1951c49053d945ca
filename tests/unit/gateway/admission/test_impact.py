"""What a rule would have done is counted from what was kept; what was not kept is unknown."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway.admission.evaluate import RuleSet
from gateway.admission.impact import FIRST, Impact, Preview, told
from gateway.admission.replaying import Kept
from tests.support.admission import rule, ruleset

THEN = ruleset(rule(require=["deadline"], each={"path": "rows", "require": ["n"]}, expr="deadline <= period_end"))
AT = datetime(2026, 4, 15, tzinfo=UTC)


def verdict(number: int, body: Mapping[str, Any], known: Mapping[str, Any] | None = None, **more: Any) -> Kept:
    judgement = THEN.judge("plan", "activate", body, known or {}, {})
    told: dict[str, Any] = {
        "id": UUID(int=number), "at": AT, "area": "990101101001", "command": "activities.activate_plan",
        "resource": "plan", "action": "activate", "outcome": judgement.outcome, "rules": (),
        "values": judgement.values, "ruleset_version": THEN.version,
    }  # fmt: skip
    return Kept(**{**told, **more})


def preview(tried: Any, verdicts: list[Kept], then: RuleSet | None = THEN) -> Impact:
    trying = Preview([tried], lambda version: then)
    for one in verdicts:
        trying.add(one)
    return trying.impacts[0]


def compiled(**said: Any) -> Any:
    return ruleset(rule(id="TST-02", **said)).rule("TST-02")


def test_what_would_have_been_refused_is_counted_by_command_township_and_month() -> None:
    verdicts = [
        verdict(1, {"deadline": "2026-01-01", "rows": [{"n": 1}]}),
        verdict(2, {"deadline": "2026-01-01"}),
        verdict(3, {"deadline": "2026-01-01"}, at=AT - timedelta(days=40), area="990101102"),
    ]
    found = told(preview(compiled(each={"path": "rows", "min": 1}), verdicts))
    assert (found["seen"], found["passed"], found["failed"], found["unknown"]) == (3, 1, 2, 0)
    assert found["by_command"] == {"activities.activate_plan": 2}
    assert found["by_area"] == {"990101101": 1, "990101102": 1}
    assert found["by_month"] == {"2026-03": 1, "2026-04": 1}
    assert found["first"] == [str(UUID(int=2)), str(UUID(int=3))]


@pytest.mark.parametrize(
    ("said", "unknown"),
    [
        ({"require": ["deadline"]}, False),
        ({"require": ["budget_line"]}, True),
        ({"expr": "deadline <= period_end"}, False),
        ({"expr": "deadline <= period_start"}, True),
        ({"expr": "all(r.n > 0 for r in rows)"}, False),
        ({"expr": "all(r.m > 0 for r in rows)"}, True),
        ({"expr": "len(rows) > 0"}, False),
        ({"expr": "len(others) > 0"}, True),
        ({"expr": "deadline.year > 0"}, False),
        ({"expr": "deadline <= pair.started_on"}, True),
    ],
)
def test_what_was_not_kept_is_unknown_and_never_guessed(said: dict[str, Any], unknown: bool) -> None:
    kept = verdict(1, {"deadline": "2026-01-01", "rows": [{"n": 1, "m": 1}], "budget_line": "x", "others": [1]})
    assert preview(compiled(**said), [kept]).unknown == int(unknown)


def test_control_a_missing_field_would_look_like_a_refusal_if_it_were_guessed() -> None:
    tried = compiled(require=["budget_line"])
    kept = verdict(1, {"deadline": "2026-01-01", "budget_line": "there, and not kept"})
    assert tried.judge(kept.values["body"], {}).outcome == "failed"
    assert preview(tried, [kept]).failed == 0


def test_rules_of_then_that_are_not_known_leave_everything_unknown() -> None:
    kept = verdict(1, {"deadline": "2026-01-01"})
    assert preview(compiled(require=["deadline"]), [kept], then=None).unknown == 1


def test_what_it_keeps_does_not_grow_with_what_it_sees() -> None:
    found = preview(compiled(each={"path": "rows", "min": 1}), [verdict(n, {}) for n in range(FIRST * 3)])
    assert (found.failed, len(found.first)) == (FIRST * 3, FIRST)
    assert found.already == FIRST * 3


def test_verdicts_over_something_else_are_passed_over() -> None:
    assert preview(compiled(require=["deadline"]), [verdict(1, {}, action="create")]).seen == 0


def test_over_care_it_only_ever_warns() -> None:
    care = ruleset(rule(**{"for": {"resource": "visit", "action": "x"}, "mode": "warn", "on_error": "open", "require": ["a"]}))  # fmt: skip
    tried = care.rule("TST-01")
    assert tried and Preview([tried], lambda version: None).impacts[0].holds_back is False
