"""Judges a command, keeps the verdict and signs it: one transaction, no call to anybody.

A refused change is kept too, up to a number of them in a minute from one actor; the others are counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

import sqlalchemy as sa

from chassis.clock import Clock
from chassis.sealing import BlindIndex
from chassis.verdicts import VerdictSigner
from contracts.refusals import Refusal
from gateway.admission.evaluate import Judgement
from gateway.admission.replaying import let_in
from gateway.admission.schema import Text
from gateway.admission.verdict import Asked, Verdict
from gateway.api.flooding import Refusals
from gateway.api.metrics import EXEMPTED, VERDICTS
from gateway.api.order import Order
from gateway.api.refusals import ADMISSION_DENIED, ADMISSION_WAITS
from gateway.api.rules import Rulebook
from gateway.office.store import verdicts


@dataclass(frozen=True)
class Moment:
    """What the gateway itself knows at the moment of a change."""

    context: Mapping[str, Any]
    facts: Mapping[str, Any]


class FactReader(Protocol):
    """Brings what rules ask for beside the body, by at most one indexed read."""

    def __call__(
        self,
        connection: sa.Connection,
        asked: Sequence[tuple[frozenset[str], Mapping[str, Any]]],
        area: str,
        today: date,
    ) -> Sequence[Moment]:
        """For each (facts needed, body): context, and those of the facts that are known. Sets row security to `area`."""
        ...


@dataclass(frozen=True)
class Decided:
    """A judgement; `token` is the signed verdict, None for what was not let in. `kept`: it is on record, not only counted."""

    judgement: Judgement
    verdict: Verdict
    token: str | None
    kept: bool = True

    @property
    def refusal(self) -> Refusal:
        """What the sender of a change that was not let in is told."""
        told = refusal_of(self.judgement).with_more(decision_id=str(self.verdict.id))
        return told if self.kept else told.with_more(decision_kept=False)

    @property
    def warnings(self) -> str:
        """What the sender of a change that was let in is told: rule, version, code and pointers of each warning."""
        shown = self.judgement.shown
        return ", ".join(f"{f.rule};v={f.version};{f.code};{' '.join(f.pointers)}" for f in shown)


class Judging:
    """The rules with all that judging by them takes."""

    def __init__(
        self, rules: Rulebook, facts: FactReader, signer: VerdictSigner, clock: Clock, digests: BlindIndex
    ) -> None:
        self._rules = rules
        self.refusals = Refusals()
        self._facts = facts
        self._signer = signer
        self._clock = clock
        self._digests = digests

    def judge(self, connection: sa.Connection, order: Order) -> Judgement:
        """What the rules say of a command."""
        [judgement] = self._judge(connection, [order])
        return judgement

    def decide(self, connection: sa.Connection, order: Order) -> Decided:
        """Judge, put the verdict on record, and sign it if it lets the command in."""
        [decided] = self.decide_all(connection, [order])
        return decided

    def decide_all(self, connection: sa.Connection, orders: Sequence[Order]) -> list[Decided]:
        """The same for several orders of one area: one read, one write."""
        judged = zip(self._judge(connection, orders), orders, strict=True)
        decided = [self._decided(judgement, order) for judgement, order in judged]
        verdicts.keep(
            connection,
            [
                (one.verdict, order.spec, self._digests.of(one.verdict.body_sha256))
                for one, order in zip(decided, orders, strict=True)
                if one.kept
            ],
        )
        return decided

    def _judge(self, connection: sa.Connection, orders: Sequence[Order]) -> list[Judgement]:
        """Law L3: what is never blocked is let in and flagged, whatever the rules say."""
        in_force, today = self._rules.current(connection), self._clock.today()
        needed = [(in_force.rules.facts_needed(one.spec.resource, one.spec.action), one.body) for one in orders]
        moments = self._facts(connection, needed, orders[0].actor.area, today)
        found = []
        for order, moment in zip(orders, moments, strict=True):
            subject = order.spec.resource, order.spec.action
            exempted = in_force.exempted(subject, order.body, order.actor.area, today)
            judgement = in_force.rules.judge(*subject, order.body, moment.context, moment.facts, exempted)
            outcome = let_in(judgement.outcome, care=order.spec.never_blocked)
            found.append(replace(judgement, outcome=outcome))
        return found

    def _decided(self, judgement: Judgement, order: Order) -> Decided:
        asked = Asked(order.name, order.body, order.actor.id, order.actor.area)
        verdict = Verdict.of(judgement, asked, self._clock.now())
        claims = verdict.claims()
        kept = claims is not None or self._may_keep(verdict)
        VERDICTS.labels(order.spec.resource, order.spec.action, verdict.outcome).inc()
        for rule in judgement.rules:
            if rule.exemption:
                EXEMPTED.labels(rule.rule).inc()
        return Decided(judgement, verdict, None if claims is None else self._signer.sign(claims), kept)

    def is_one_too_many(self, decided: Decided) -> bool:
        """Whether a change that was let in and came to nothing is one of so many that its verdict is not kept."""
        return not self._may_keep(decided.verdict)

    def _may_keep(self, verdict: Verdict) -> bool:
        return self.refusals.one_more(verdict.actor_id, verdict.command, verdict.outcome, verdict.issued_at)


def refusal_of(judgement: Judgement) -> Refusal:
    """The refusal that a judgement amounts to: named after its first failure, with all of them beside."""
    failures = [failure for failure in judgement.shown if failure.effect in ("denied", "unavailable")]
    base = ADMISSION_WAITS if judgement.outcome == "unavailable" else ADMISSION_DENIED
    more = {"failures": told(judgement), "ruleset_version": judgement.ruleset_version}
    if not failures:
        return base.with_more(**more)
    first = failures[0]
    if base is ADMISSION_DENIED:
        title, remedy = first.title, first.remedy or first.title
        base = replace(base, title_en=title.en, title_zh=title.zh or title.en)
        base = replace(base, remedy_en=remedy.en, remedy_zh=remedy.zh or remedy.en)
    pointers = dict.fromkeys(pointer for failure in failures for pointer in failure.pointers)
    return base.at(*pointers).with_more(rule=first.rule, version=first.version, **more)


def told(judgement: Judgement) -> list[dict[str, Any]]:
    """All failures that a sender is told of, in both languages and without values."""
    return [
        {
            "rule": failure.rule,
            "version": failure.version,
            "mode": failure.mode,
            "effect": failure.effect,
            "code": failure.code,
            "pointers": list(failure.pointers),
            **both("title", failure.title),
            **both("remedy", failure.remedy or failure.title),
        }
        for failure in judgement.shown
    ]


def both(name: str, text: Text) -> dict[str, str]:
    """A text as the pair of fields that `language.told` chooses from."""
    return {f"{name}_en": text.en, f"{name}_zh": text.zh or text.en}
