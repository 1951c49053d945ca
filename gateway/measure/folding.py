"""The one fold: from an entity's facts to what it adds to every figure. Live and recomputed figures both come from it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from gateway.measure.facts import HOUSEHOLD, MATCH, PLAN, VILLAGE, Fact
from gateway.measure.household import Household
from gateway.measure.indicator import Indicator, Subject
from gateway.measure.indicators import INDICATORS
from gateway.measure.periods import Period, period_of, periods
from gateway.measure.village import Village


class Cell(NamedTuple):
    """One figure of one village: the place that shares are added up in."""

    indicator: str
    period: str
    area_code: str
    breakdown: str


Amount = tuple[int, int | None]


@dataclass(frozen=True)
class Folded:
    """What an entity adds, the next day on which that changes by time alone, and what admission may look up about it."""

    contributions: Mapping[Cell, Amount] = field(default_factory=dict)
    next_change_at: date | None = None
    known: Mapping[str, str] | None = None


def fold(facts: Iterable[Fact], as_of: date) -> Folded:
    """What one entity's facts come to on the day `as_of`. Pure, and free of the order in which facts are given.

    A period's figure is the state on its last day, or on `as_of` while it runs: a closed month changes only by facts
    that were valid in it. The result stays the same from `as_of` until the day before `next_change_at`.
    """
    ordered = sorted(facts, key=lambda fact: (fact.valid_on, fact.position))
    if not ordered:
        return Folded()
    return _FOLDS[ordered[0].entity.partition(":")[0]](ordered, as_of)


def _counted(begin: Callable[[], Subject]) -> Callable[[Sequence[Fact], date], Folded]:
    """The fold of what indicators count."""
    subject_class = type(begin())
    mine = [indicator for indicator in INDICATORS if indicator.of is subject_class]
    spans = sorted({indicator.span for indicator in mine})

    def fold_counted(facts: Sequence[Fact], as_of: date) -> Folded:
        changes = [fact.valid_on for fact in facts if fact.valid_on > as_of][:1]
        since = next((fact.valid_on for fact in facts if fact.kind == subject_class.begins), None)
        if since is None or since > as_of:
            return Folded(next_change_at=min(changes, default=None))
        changes.append(period_of(as_of, subject_class.span).following)
        contributions: dict[Cell, Amount] = {}
        shown = [period for span in spans for period in periods(since, as_of, span)]
        for subject, period in _looks(begin(), facts, shown, as_of):
            for indicator in mine:
                if indicator.span is period.span:
                    contributions.update(_shares(indicator, subject, period))
                    if period.last >= as_of and (turn := indicator.turns_on(subject, period)):
                        changes.append(turn)
        return Folded(contributions, min(changes))

    return fold_counted


def _looks(
    subject: Subject, facts: Sequence[Fact], shown: Iterable[Period], as_of: date
) -> Iterator[tuple[Subject, Period]]:
    """The subject as it was on the day that stands for each period, earliest day first. One object, grown on the way."""
    applied = 0
    for period in sorted(shown, key=lambda one: one.last):
        day = period.seen_on(as_of)
        while applied < len(facts) and facts[applied].valid_on <= day:
            subject.apply(facts[applied])
            applied += 1
        subject.day = day
        yield subject, period


def _shares(indicator: Indicator[Any], subject: Subject, period: Period) -> Iterator[tuple[Cell, Amount]]:
    for share in indicator.shares(subject, period):
        cell = Cell(indicator.code, period.code, subject.area_code, share.breakdown)
        yield cell, (share.num, share.den)


def _match(facts: Sequence[Fact], as_of: date) -> Folded:
    """Rules about visits ask when the pair began and whether it is over."""
    began = [fact for fact in facts if fact.kind == "pair_began"]
    if not began:
        return Folded()
    known = {"started_on": began[0].valid_on.isoformat(), **began[0].data}
    ended = [fact.valid_on.isoformat() for fact in facts if fact.kind == "pair_ended"]
    return Folded(known={**known, "ended_on": ended[0]} if ended else known)


def _plan(facts: Sequence[Fact], as_of: date) -> Folded:
    """Rules about plans ask how far one has come."""
    return Folded(known={"state": "active" if any(fact.kind == "activated" for fact in facts) else "draft"})


_FOLDS: Mapping[str, Callable[[Sequence[Fact], date], Folded]] = {
    HOUSEHOLD: _counted(Household),
    VILLAGE: _counted(Village),
    MATCH: _match,
    PLAN: _plan,
}
