"""The shipped rules against the commands that they judge: a field that no command has would fail every change."""

import json
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from contracts.activities import ActivatePlan, ReportVisit
from contracts.catalogue import COMMANDS
from contracts.messages import Command
from gateway.admission.compiled import compile_rule
from gateway.admission.evaluate import RuleSet
from gateway.admission.loading import Source
from gateway.admission.values import EACH
from gateway.admission.vocabulary import Vocabulary
from tests.support.admission import rule, ruleset, situation

SHIPPED = {source.rule.id: source for source in RuleSet.load().sources}
BY_SUBJECT = {(kind.spec.resource, kind.spec.action): kind for kind in COMMANDS.values()}


def judged(source: Source) -> type[Command]:
    """The command that a rule speaks of. KeyError if there is none: such a rule would never be asked."""
    return BY_SUBJECT[(source.rule.subject.resource, source.rule.subject.action)]


def fixture_of(source: Source) -> str:
    """The body that the rule's own examples let through as it is."""
    return next(
        test.input.removeprefix("fixtures/").removesuffix(".json")
        for test in source.rule.tests
        if test.expect == "allow" and not (test.set or test.remove)
    )


def models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models_in(part)]


def unknown(source: Source, command: type[Command]) -> list[str]:
    """Names of the rule that no body of the command can hold."""
    compiled = compile_rule(source.rule, Vocabulary(), frozenset(), frozenset())
    names = []
    for reference in compiled.reads | compiled.lists:
        models: list[type[BaseModel]] = [command]
        for step in [s for s in reference.path if isinstance(s, str) and s != EACH and reference.in_body]:
            fields = [model.model_fields[step] for model in models if step in model.model_fields]
            if not fields:
                names.append(reference.name)
            models = [model for field in fields for model in models_in(field.annotation)]
    return sorted(set(names))


def test_the_first_rules_are_shipped_and_judge_what_they_should() -> None:
    assert judged(SHIPPED["ADM-01"]) is ActivatePlan
    assert judged(SHIPPED["VIS-DQ-02"]) is ReportVisit


@pytest.mark.parametrize("rule_id", SHIPPED)
def test_a_rule_names_only_fields_that_its_command_has(rule_id: str) -> None:
    assert unknown(SHIPPED[rule_id], judged(SHIPPED[rule_id])) == []


def test_control_a_rule_about_no_command_is_found() -> None:
    odd = {"resource": "plan", "action": "dream"}
    with pytest.raises(KeyError):
        judged(ruleset(rule(**{"for": odd, "require": ["title"]})).sources[0])


def test_control_a_field_that_the_command_lacks_is_found() -> None:
    odd = rule(require=["deadline", "nowhere"], expr="all(i.nothing == 1 for i in indicators)")
    assert unknown(ruleset(odd).sources[0], ActivatePlan) == ["indicators.*.nothing", "nowhere"]


@pytest.mark.parametrize("rule_id", SHIPPED)
def test_a_fixture_is_a_body_that_the_command_takes_and_no_rule_names_what_is_personal(rule_id: str) -> None:
    command = judged(SHIPPED[rule_id])
    body, facts = situation(fixture_of(SHIPPED[rule_id]))
    sent = command.model_validate_json(json.dumps(body)).model_dump(mode="json")
    spec = command.spec
    rules = RuleSet.load(personal_fields={spec.resource: spec.personal})
    assert rules.judge(spec.resource, spec.action, sent, facts, facts).outcome == "allow"
