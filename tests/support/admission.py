"""Rules, rule sets and situations for tests of admission."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from gateway.admission.evaluate import Judgement, RuleSet
from gateway.admission.loading import Source
from gateway.admission.schema import Rule

FOLDER = files("gateway.admission") / "rules"


def rule(**said: Any) -> Rule:
    """A rule over plans; `said` stands over the defaults, None leaves a field out."""
    told = {"id": "TST-01", "title": {"en": "A rule"}, "for": {"resource": "plan", "action": "activate"},
            "mode": "enforce", "on_error": "closed", **said}  # fmt: skip
    return Rule.model_validate_json(json.dumps({key: value for key, value in told.items() if value is not None}))


def ruleset(*rules: Rule, **options: Any) -> RuleSet:
    """A rule set of these rules, with the shipped fixtures at hand."""
    return RuleSet.of([Source(one, f"{one.id}.yaml", FOLDER) for one in rules], **options)


def judged(one: Rule, body: Mapping[str, Any], known: Mapping[str, Any] | None = None, **options: Any) -> Judgement:
    """What a rule set of one rule says of `body`; `known` serves as context and as facts."""
    return ruleset(one, **options).judge(one.subject.resource, one.subject.action, body, known or {}, known or {})


def situation(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Body and facts of a shipped fixture."""
    read = json.loads((FOLDER / "fixtures" / f"{name}.json").read_text(encoding="utf-8"))
    return read["body"], read["facts"]
