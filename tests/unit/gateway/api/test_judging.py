"""What a judgement becomes: a refusal that names rule, version and remedy; never one that holds care back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from chassis.clock import Clock
from chassis.sealing import BlindIndex
from chassis.verdicts import VerdictSigner
from contracts.actor import Actor, Role
from gateway.admission.evaluate import Judgement, RuleSet
from gateway.admission.shipped import shipped_rules
from gateway.api.judging import Judging, Moment, refusal_of
from gateway.api.order import Order
from gateway.api.rules import Rulebook
from tests.support.admission import judged, rule, ruleset

ACTOR = Actor(id="someone", roles=frozenset({Role.COUNTY_OFFICER}), area="990101")
CLOCK = Clock(ZoneInfo("Asia/Shanghai"), date(2026, 4, 15))
NOWHERE: Any = None
VISIT = {"household_id": str(uuid4()), "visited_on": "2026-04-14", "outcome": "all_well"}


def nothing_known(
    connection: sa.Connection, asked: Sequence[tuple[frozenset[str], Mapping[str, Any]]], area: str, today: date
) -> list[Moment]:
    return [Moment({}, {}) for _ in asked]


def judging(rules: RuleSet) -> Judging:
    signer = VerdictSigner(b"v" * 32, lambda: datetime.now(UTC))
    return Judging(Rulebook.fixed(rules), nothing_known, signer, CLOCK, BlindIndex(b"d" * 32))


def order(name: str, body: dict[str, Any]) -> Order:
    return Order(name=name, body=body, actor=ACTOR, idempotency_key="k", traceparent="")


def test_a_refusal_names_its_rule_in_both_languages_and_all_failures() -> None:
    one = rule(require=["deadline"], title={"en": "A plan needs a deadline", "zh": "方案须有时限"})
    refusal = refusal_of(judged(one, {}))
    assert (refusal.status, refusal.code, refusal.more["rule"], refusal.more["version"]) == (
        422,
        "admission-denied",
        "TST-01",
        1,
    )
    assert (refusal.title_en, refusal.title_zh, refusal.pointers) == (
        "A plan needs a deadline",
        "方案须有时限",
        ("/deadline",),
    )
    assert refusal.more["failures"][0]["code"] == "field-missing"


def test_a_rule_that_cannot_be_judged_asks_to_wait() -> None:
    refusal = refusal_of(judged(rule(expr="today <= period_end"), {}))
    assert (refusal.status, refusal.code) == (503, "admission-unavailable")


@pytest.mark.parametrize("outcome", ["deny", "unavailable"])
def test_what_is_never_blocked_is_let_in_whatever_the_rules_say(outcome: Any) -> None:
    class Closed(RuleSet):
        def judge(self, *asked: Any, **more: Any) -> Judgement:
            return Judgement(outcome, (), (), {}, "v")

    closed = Closed((), "v", shipped_rules().words, {})
    assert judging(closed).judge(NOWHERE, order("activities.report_visit", VISIT)).outcome == "warn"
    plan = order("activities.activate_plan", {"plan_id": str(uuid4())})
    assert judging(closed).judge(NOWHERE, plan).outcome == outcome, "the control arm: others are held"


def test_a_rule_in_audit_mode_is_shown_to_nobody() -> None:
    silent = ruleset(rule(require=["deadline"], mode="audit", on_error="open"))
    judgement = judging(silent).judge(NOWHERE, order("activities.activate_plan", {"plan_id": str(uuid4())}))
    assert (judgement.outcome, judgement.shown) == ("allow", ())
