"""What the rules cost: 50 of them over one command, 200 of them, and one beside the same rule in CEL."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import celpy
from celpy.adapter import json_to_cel

from chassis.clock import Clock
from chassis.settings import Settings
from gateway.admission.evaluate import RuleSet
from gateway.admission.schema import Rule
from gateway.admission.shipped import shipped_rules
from gateway.admission.verdict import Asked, Verdict
from tests.support.admission import ruleset, situation

SUBJECT = ("plan", "activate")
CEL = (
    "has(plan.lead_unit) && plan.lead_unit != '' && has(plan.deadline) && plan.deadline != ''"
    " && has(plan.budget_line) && plan.budget_line != '' && size(plan.indicators) >= 1"
    " && plan.indicators.all(i, has(i.code) && has(i.baseline) && has(i.target) && has(i.due) && i.code in catalogue)"
    " && plan.deadline <= period_end"
)
"""ADM-01 as an expression. It says yes or no; ours also says which fields, and keeps what it looked at."""


@dataclass(frozen=True)
class Situation:
    """A plan that is let in, and what is known beside it."""

    body: Mapping[str, Any]
    known: Mapping[str, Any]

    @classmethod
    def of_a_plan(cls) -> "Situation":
        body, known = situation("plan_ok")
        return cls(body, {**known, "today": date(2026, 4, 15), "period_end": date(2026, 12, 31)})


def adm_01() -> Rule:
    """The shipped rule."""
    return next(source.rule for source in shipped_rules().sources if source.rule.id == "ADM-01")


def rules(count: int) -> RuleSet:
    """So many rules of the weight of ADM-01, all over the same command."""
    first = adm_01()
    return ruleset(*(first.model_copy(update={"id": f"TST-{number:03}"}) for number in range(count)))


class Judge:
    """Judges the same change again and again."""

    def __init__(self, count: int) -> None:
        self._rules = rules(count)
        self._situation = Situation.of_a_plan()
        self._clock = Clock.of(Settings())
        judged = self.judge()
        if judged.outcome != "allow" or len(judged.rules) != count:
            raise RuntimeError(f"the plan was to be let in by {count} rules: {judged.failures}")

    def judge(self) -> Any:
        """As at the door."""
        one = self._situation
        return self._rules.judge(*SUBJECT, one.body, one.known, one.known)

    def added(self) -> Verdict:
        """All that the rules add to a request in this process: judging, and the verdict that is kept of it."""
        asked = Asked("activities.activate_plan", self._situation.body, "bench", "990101101")
        return Verdict.of(self.judge(), asked, self._clock.now())


def seconds_of_each(do: Callable[[], object], times: int) -> list[float]:
    """How long each of so many took; the first tenth does not count."""
    taken = []
    for number in range(times + times // 10):
        started = time.perf_counter()
        do()
        if number >= times // 10:
            taken.append(time.perf_counter() - started)
    return taken


def mean_seconds(do: Callable[[], object], times: int) -> float:
    """Of so many, without a clock between them."""
    do()
    started = time.perf_counter()
    for _ in range(times):
        do()
    return (time.perf_counter() - started) / times


class InCel:
    """The same rule in cel-python: parsed and compiled beforehand, its input converted beforehand."""

    def __init__(self) -> None:
        environment = celpy.Environment()
        self._program = environment.program(environment.compile(CEL))
        one = Situation.of_a_plan()
        plain = json.loads(json.dumps(dict(one.body), default=str))
        self._input = {
            "plan": json_to_cel(plain),
            "catalogue": json_to_cel(sorted(one.known["catalogue"])),
            "period_end": json_to_cel("2026-12-31"),
        }
        if not self.judge():
            raise RuntimeError("the plan was to be let in")

    def judge(self) -> bool:
        return bool(self._program.evaluate(self._input))
