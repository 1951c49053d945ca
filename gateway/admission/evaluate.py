"""Judges a change by all rules over it, in memory: no call leaves the process here."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Self
from uuid import UUID

from gateway.admission.compiled import Compiled, Effect, Judged, Outcome, compile_rule
from gateway.admission.loading import RulesRefused, Source, read_sources, shipped_files
from gateway.admission.projection import Projection
from gateway.admission.schema import Mode, Rule, Text
from gateway.admission.values import Reference, step_into
from gateway.admission.vocabulary import Vocabulary

Decision = Literal["allow", "warn", "deny", "unavailable"]
Facts = Mapping[str, Any] | Callable[[str], Any]
NOBODY: Mapping[str, UUID] = MappingProxyType({})
DECISIONS: tuple[tuple[Effect, Decision], ...] = (
    ("denied", "deny"),
    ("unavailable", "unavailable"),
    ("warned", "warn"),
)


@dataclass(frozen=True, slots=True)
class Failure:
    """What one rule has against a change, in words for a person. One per rule and code; never holds a value."""

    rule: str
    version: int
    mode: Mode
    effect: Effect
    code: str
    pointers: tuple[str, ...]
    title: Text
    remedy: Text | None


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """How one rule judged, independent of its mode, what that did, and the exemption under which it did nothing."""

    rule: str
    version: int
    outcome: Outcome
    effect: Effect
    exemption: UUID | None = None

    @property
    def told(self) -> Literal["passed", "failed", "error", "exempted"]:
        """As the record and the signed verdict name it."""
        return "exempted" if self.exemption else self.outcome


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer to one change: all failures at once, and the values that the rules named, so it can be replayed."""

    outcome: Decision
    failures: tuple[Failure, ...]
    rules: tuple[RuleOutcome, ...]
    values: Mapping[str, Any]
    ruleset_version: str

    @property
    def shown(self) -> tuple[Failure, ...]:
        """The failures that the sender is told of; audited and flagged ones are only recorded."""
        return tuple(failure for failure in self.failures if failure.effect not in ("none", "recorded", "flagged"))


@dataclass(frozen=True, slots=True)
class _Bench:
    """The rules over one resource and action, with what all of them together ask for."""

    rules: tuple[Compiled, ...]
    context: tuple[tuple[str, tuple[str, ...]], ...]
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    projection: Projection


@dataclass(frozen=True)
class RuleSet:
    """All rules in force, indexed by resource and action."""

    sources: tuple[Source, ...]
    version: str
    words: Vocabulary
    _benches: Mapping[tuple[str, str], _Bench] = field(repr=False)

    @classmethod
    def load(
        cls,
        paths: Sequence[Path] | None = None,
        *,
        personal_fields: Mapping[str, frozenset[str]] | None = None,
        never_blocked: frozenset[str] = frozenset(),
        words: Vocabulary | None = None,
    ) -> Self:
        """Load rule files (fixtures lie beside each), or those shipped with the package.

        `personal_fields`: dotted paths per resource that no rule may name; `never_blocked`: resources of law L3 beyond
        those that the schema knows. Raises RulesRefused with all problems of all files.
        """
        if paths is None:
            folder = files("gateway.admission") / "rules"
            found: list[tuple[Traversable, Traversable]] = [(file, folder) for file in shipped_files()]
        else:
            found = [(path, path.parent) for path in paths]
        return cls.of(
            read_sources(found), personal_fields=personal_fields, never_blocked=never_blocked, words=words
        )

    @classmethod
    def of(
        cls,
        sources: Iterable[Source],
        *,
        personal_fields: Mapping[str, frozenset[str]] | None = None,
        never_blocked: frozenset[str] = frozenset(),
        words: Vocabulary | None = None,
    ) -> Self:
        """The same from rules that are read already."""
        kept, words, personal = tuple(sources), words or Vocabulary(), personal_fields or {}
        problems = [f"{id_}: two rules have this id" for id_ in _doubles(source.rule.id for source in kept)]
        compiled: list[Compiled] = []
        for source in kept:
            rule = source.rule
            try:
                hidden = personal.get(rule.subject.resource, frozenset())
                compiled.append(compile_rule(rule, words, hidden, never_blocked))
            except ValueError as error:
                problems.append(f"{source.file}: {rule.id}: {error}")
        if problems:
            raise RulesRefused(problems)
        return cls(kept, _version((source.rule for source in kept), words), words, _index(compiled, words))

    def in_modes(self, modes: Mapping[str, Mode]) -> Self:
        """The same rules, those named here in other modes: another version, for it answers otherwise."""
        benches = {
            subject: replace(
                bench,
                rules=tuple(one.in_mode(modes.get(one.rule.id, one.rule.mode)) for one in bench.rules),
            )
            for subject, bench in self._benches.items()
        }
        rules = {one.rule.id: one.rule for bench in benches.values() for one in bench.rules}
        sources = tuple(replace(source, rule=rules[source.rule.id]) for source in self.sources)
        return replace(self, sources=sources, version=_version(rules.values(), self.words), _benches=benches)

    def rule(self, rule_id: str) -> Compiled | None:
        """The rule of this id, if there is one."""
        rules = (one for bench in self._benches.values() for one in bench.rules)
        return next((one for one in rules if one.rule.id == rule_id), None)

    def named(self, resource: str, action: str) -> tuple[frozenset[Reference], frozenset[Reference]]:
        """What the rules over this change read whole, and the lists that they walk: what a verdict on it keeps."""
        bench = self._benches.get((resource, action))
        rules = bench.rules if bench else ()
        reads = frozenset(read for one in rules for read in one.reads)
        return reads, frozenset(read for one in rules for read in one.lists)

    def applies(self, rule_id: str, resource: str, action: str) -> bool:
        """Whether the rule with this id judges this change at all."""
        bench = self._benches.get((resource, action))
        return bench is not None and any(compiled.rule.id == rule_id for compiled in bench.rules)

    def facts_needed(self, resource: str, action: str) -> frozenset[str]:
        """Dotted names of the facts that the rules over this change ask for, so that one read can bring them."""
        bench = self._benches.get((resource, action))
        return frozenset(name for name, _ in bench.facts) if bench else frozenset()

    def judge(
        self,
        resource: str,
        action: str,
        body: Mapping[str, Any],
        context: Mapping[str, Any],
        facts: Facts,
        exempted: Mapping[str, UUID] = NOBODY,
    ) -> Judgement:
        """Judge a change. `body` is the JSON body; `context` what the gateway knows of the moment (today, catalogue …).

        `facts` is a mapping (nested, or by dotted name) or a function of the dotted name; what it lacks, answers with
        None or raises on is a missing fact, and the rule's on_error decides. `exempted`: rule -> the exemption from it.
        Never raises.
        """
        bench = self._benches.get((resource, action))
        if bench is None:
            return Judgement("allow", (), (), {}, self.version)
        known = {name: value for name, path in bench.context if (value := _answer(context, name, path)) is not None}
        known.update(
            {name: value for name, path in bench.facts if (value := _answer(facts, name, path)) is not None}
        )
        return self._conclude(bench, body, known, exempted)

    def replay(
        self, resource: str, action: str, values: Mapping[str, Any], exempted: Mapping[str, UUID] = NOBODY
    ) -> Judgement:
        """Judge again from the `values` of an earlier judgement of the same rule set version."""
        bench = self._benches.get((resource, action))
        if bench is None:
            return Judgement("allow", (), (), {}, self.version)
        return self._conclude(bench, values["body"], values["known"], exempted)

    def _conclude(
        self, bench: _Bench, body: Mapping[str, Any], known: Mapping[str, Any], exempted: Mapping[str, UUID]
    ) -> Judgement:
        outcomes: list[RuleOutcome] = []
        failures: list[Failure] = []
        for compiled in bench.rules:
            judged = compiled.judge(body, known)
            rule = compiled.rule
            exemption = exempted.get(rule.id) if judged.outcome == "failed" else None
            effect = compiled.effect(judged.outcome, exempted=exemption is not None)
            outcomes.append(RuleOutcome(rule.id, rule.version, judged.outcome, effect, exemption))
            if effect != "none":
                failures += _failures(rule, effect, judged)
        values = bench.projection.values(body, known)
        return Judgement(_decision(outcomes), tuple(failures), tuple(outcomes), values, self.version)


def _decision(outcomes: Iterable[RuleOutcome]) -> Decision:
    effects = {outcome.effect for outcome in outcomes}
    return next((decision for effect, decision in DECISIONS if effect in effects), "allow")


def _failures(rule: Rule, effect: Effect, judged: Judged) -> Iterable[Failure]:
    for code, pointers in judged.found.items():
        yield Failure(rule.id, rule.version, rule.mode, effect, code, pointers, rule.title, rule.remedy)


def _answer(known: Facts, name: str, path: tuple[str, ...]) -> Any:
    try:
        if not isinstance(known, Mapping):
            return known(name)
        found = known.get(name)
        return step_into(known, path) if found is None else found
    except Exception:  # whatever keeps a fact away, the rule's on_error decides
        return None


def _index(compiled: Iterable[Compiled], words: Vocabulary) -> Mapping[tuple[str, str], _Bench]:
    grouped: dict[tuple[str, str], list[Compiled]] = defaultdict(list)
    for one in compiled:
        grouped[one.rule.subject.resource, one.rule.subject.action].append(one)
    return {subject: _bench(rules, words) for subject, rules in grouped.items()}


def _bench(rules: Sequence[Compiled], words: Vocabulary) -> _Bench:
    reads = frozenset(read for one in rules for read in one.reads)
    lists = frozenset(read for one in rules for read in one.lists)
    names = sorted({reference.key for reference in reads | lists if not reference.in_body})
    context = tuple((name, tuple(name.split("."))) for name in names if name.split(".")[0] in words.context)
    facts = tuple((name, tuple(name.split("."))) for name in names if name.split(".")[0] not in words.context)
    return _Bench(tuple(rules), context, facts, Projection.of(reads, lists))


def _version(rules: Iterable[Rule], words: Vocabulary) -> str:
    told = sorted(
        (rule.model_dump(mode="json", by_alias=True, exclude={"tests"}) for rule in rules),
        key=lambda r: str(r["id"]),
    )
    said = [told, sorted(words.context), sorted(words.facts)]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def _doubles(ids: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return sorted({id_ for id_ in ids if id_ in seen or seen.add(id_)})  # type: ignore[func-returns-value]
