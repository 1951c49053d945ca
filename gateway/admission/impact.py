"""What a rule would have done: the verdicts of a year judged by a rule that somebody is trying out.

Only what was kept can be judged: a verdict keeps the values that the rules of its day named. Where the rule asks for
another one, the answer is `unknown`, never a guess.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from gateway.admission.compiled import Compiled
from gateway.admission.evaluate import RuleSet
from gateway.admission.replaying import Kept
from gateway.admission.values import EACH, Reference

YEAR: Final = timedelta(days=366)
FIRST: Final = 50
TOWNSHIP: Final = 9
Names = tuple[frozenset[Reference], frozenset[Reference]]
Counted = Counter[str]


@dataclass
class Impact:
    """What one rule would have found. `failed` are those that it would have held against the sender; `already` of them
    were refused anyway; `first` are the newest ids. Its size does not grow with the verdicts."""

    rule: str
    resource: str
    action: str
    holds_back: bool
    """Whether it could refuse at all: over care it only ever warns."""

    passed: int = 0
    failed: int = 0
    error: int = 0
    unknown: int = 0
    already: int = 0
    by_command: Counted = field(default_factory=Counter)
    by_area: Counted = field(default_factory=Counter)
    by_month: Counted = field(default_factory=Counter)
    first: list[UUID] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """How many verdicts were looked at."""
        return self.passed + self.failed + self.error + self.unknown

    def fails(self, kept: Kept) -> None:
        """One more that the rule would have held against its sender."""
        self.failed += 1
        self.already += kept.outcome in ("deny", "unavailable")
        self.by_command[kept.command] += 1
        self.by_area[kept.area[:TOWNSHIP]] += 1
        self.by_month[kept.at.strftime("%Y-%m")] += 1
        if len(self.first) < FIRST:
            self.first.append(kept.id)


class Preview:
    """Judges verdicts by rules on trial. `then` brings the rules of a version, or something else if they are not known."""

    def __init__(self, rules: Iterable[Compiled], then: Callable[[str], object]) -> None:
        self._then = then
        self._tried: dict[tuple[str, str], list[tuple[Compiled, Impact]]] = {}
        self.impacts: list[Impact] = []
        for one in rules:
            subject = one.rule.subject
            impact = Impact(one.rule.id, subject.resource, subject.action, not one.care)
            self.impacts.append(impact)
            self._tried.setdefault((subject.resource, subject.action), []).append((one, impact))
        self._keeps: dict[tuple[str, str], bool] = {}

    @property
    def subjects(self) -> tuple[tuple[str, str], ...]:
        """The (resource, action) that verdicts are wanted of."""
        return tuple(self._tried)

    def add(self, kept: Kept) -> None:
        """Look at one verdict more."""
        for compiled, impact in self._tried.get((kept.resource, kept.action), ()):
            if not self._was_kept(compiled, kept):
                impact.unknown += 1
                continue
            judged = compiled.judge(kept.values.get("body", {}), kept.values.get("known", {}))
            if judged.outcome == "failed":
                impact.fails(kept)
            elif judged.outcome == "error":
                impact.error += 1
            else:
                impact.passed += 1

    def _was_kept(self, compiled: Compiled, kept: Kept) -> bool:
        key = compiled.rule.id, kept.ruleset_version
        if key not in self._keeps:
            then = self._then(kept.ruleset_version)
            named = then.named(kept.resource, kept.action) if isinstance(then, RuleSet) else None
            self._keeps[key] = named is not None and covered(compiled, named)
        return self._keeps[key]


def covered(compiled: Compiled, named: Names) -> bool:
    """Whether a verdict of rules that named these has all that the rule looks at."""
    reads, lists = named
    return all(_reads(one, reads) for one in compiled.reads) and all(
        _reads(one, reads) or _walked(one, reads | lists) for one in compiled.lists
    )


def _reads(wanted: Reference, reads: frozenset[Reference]) -> bool:
    """It was kept itself, or as a part of something that was kept whole."""
    return any(one.in_body == wanted.in_body and one.path == wanted.path[: len(one.path)] for one in reads)


def _walked(wanted: Reference, named: frozenset[Reference]) -> bool:
    """The list was kept, at least its length."""
    return any(
        one.in_body == wanted.in_body and one.path[: len(wanted.path)] == wanted.path
        and (len(one.path) == len(wanted.path) or one.path[len(wanted.path)] == EACH)
        for one in named
    )  # fmt: skip


def told(impact: Impact) -> Mapping[str, Any]:
    """As plain JSON values."""
    return {
        "rule": impact.rule,
        "resource": impact.resource,
        "action": impact.action,
        "holds_back": impact.holds_back,
        "seen": impact.seen,
        "passed": impact.passed,
        "failed": impact.failed,
        "already_refused": impact.already,
        "error": impact.error,
        "unknown": impact.unknown,
        "by_command": dict(sorted(impact.by_command.items())),
        "by_area": dict(sorted(impact.by_area.items())),
        "by_month": dict(sorted(impact.by_month.items())),
        "first": [str(one) for one in impact.first],
    }
