"""Judges again what was judged: the same inputs by the same version of the rules must give the same answer."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from gateway.admission.evaluate import Decision, Judgement, RuleSet
from gateway.admission.loading import NOWHERE, RulesRefused, Source
from gateway.admission.schema import Rule
from gateway.admission.shipped import is_care
from gateway.admission.vocabulary import Vocabulary

Standing = Literal["same", "differs", "rules-unknown", "rules-altered"]
Stored = tuple[Sequence[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Kept:
    """A verdict as it stands in the record: `rules` as JSON, `values` those that the rules named."""

    id: UUID
    at: datetime
    area: str
    command: str
    resource: str
    action: str
    outcome: str
    rules: tuple[Mapping[str, Any], ...]
    values: Mapping[str, Any]
    ruleset_version: str


@dataclass(frozen=True, slots=True)
class Compared:
    """What one rule said then and says now; None where it did not judge."""

    rule: str
    was: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """A verdict beside its replay. `rules-unknown`: their text was not kept; `-altered`: it is not what it was."""

    verdict: Kept
    standing: Standing
    outcome: str | None
    rules: tuple[Compared, ...]


def told(rules: RuleSet) -> Stored:
    """What is to be kept of a rule set so that it can judge again: its rules without their tests, and its words."""
    said = [
        source.rule.model_dump(mode="json", by_alias=True, exclude={"tests"}, exclude_none=True)
        for source in rules.sources
    ]
    return said, {"context": sorted(rules.words.context), "facts": sorted(rules.words.facts)}


def restored(stored: Stored, version: str) -> RuleSet | None:
    """The rule set again; None if what was kept is not what this version is the hash of."""
    said, words = stored
    try:
        sources = [Source(Rule.model_validate_json(json.dumps(one)), "kept", NOWHERE) for one in said]
        known = Vocabulary(frozenset(words["context"]), frozenset(words["facts"]))
        found = RuleSet.of(sources, words=known)
    except (RulesRefused, ValueError, TypeError, KeyError):
        return None
    return found if found.version == version else None


class Replayer:
    """Judges verdicts again. `find` brings what was kept of a version; each is read once."""

    def __init__(self, find: Callable[[str], Stored | None]) -> None:
        self._find = find
        self._found: dict[str, RuleSet | Standing] = {}

    def replay(self, kept: Kept) -> Replayed:
        """The verdict beside what the same rules say of the same values now."""
        rules = self.rules(kept.ruleset_version)
        if not isinstance(rules, RuleSet):
            return Replayed(kept, rules, None, ())
        judgement = rules.replay(kept.resource, kept.action, kept.values, exempted_in(kept))
        now, was = recorded(judgement), {str(one["rule"]): str(one["outcome"]) for one in kept.rules}
        compared = tuple(Compared(rule, was.get(rule), now.get(rule)) for rule in sorted(was.keys() | now.keys()))
        outcome = let_in(judgement.outcome, care=is_care(kept.command))
        same = outcome == kept.outcome and now == was
        return Replayed(kept, "same" if same else "differs", outcome, compared)

    def rules(self, version: str) -> RuleSet | Standing:
        """The rules of a version, or why there are none."""
        if version not in self._found:
            stored = self._find(version)
            self._found[version] = (restored(stored, version) or "rules-altered") if stored else "rules-unknown"
        return self._found[version]


def let_in(outcome: Decision, *, care: bool) -> Decision:
    """What is never blocked (law L3) is let in and flagged, whatever the rules say."""
    return "warn" if care and outcome in ("deny", "unavailable") else outcome


def recorded(judgement: Judgement) -> dict[str, str]:
    """Rule -> how the record names its outcome."""
    return {one.rule: one.told for one in judgement.rules}


def exempted_in(kept: Kept) -> dict[str, UUID]:
    """The exemptions that held when it was judged; they are among its inputs."""
    return {str(one["rule"]): UUID(str(one["exemption"])) for one in kept.rules if one.get("exemption")}
