"""The shipped rules against the commands that they judge: a field that no command has would fail every change."""

import json
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from contracts.activities import ActivatePlan, ReportVisit
from contracts.messages import Command
from gateway.admission.compiled import compile_rule
from gateway.admission.evaluate import RuleSet
from gateway.admission.loading import Source
from gateway.admission.values import EACH
from gateway.admission.vocabulary import Vocabulary
from tests.support.admission import rule, ruleset, situation

JUDGED: dict[str, tuple[type[Command], str]] = {
    "ADM-01": (ActivatePlan, "plan_ok"),
    "VIS-DQ-02": (ReportVisit, "visit_report_ok"),
}
SHIPPED = {source.rule.id: source for source in RuleSet.load().sources}


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


def test_every_shipped_rule_is_held_against_a_command() -> None:
    assert SHIPPED.keys() == JUDGED.keys()


@pytest.mark.parametrize("rule_id", JUDGED)
def test_a_rule_names_only_fields_that_its_command_has(rule_id: str) -> None:
    command, _ = JUDGED[rule_id]
    subject = SHIPPED[rule_id].rule.subject
    assert (subject.resource, subject.action) == (command.spec.resource, command.spec.action)
    assert unknown(SHIPPED[rule_id], command) == []


def test_control_a_field_that_the_command_lacks_is_found() -> None:
    odd = rule(require=["deadline", "nowhere"], expr="all(i.nothing == 1 for i in indicators)")
    assert unknown(ruleset(odd).sources[0], ActivatePlan) == ["indicators.*.nothing", "nowhere"]


@pytest.mark.parametrize("rule_id", JUDGED)
def test_a_fixture_is_a_body_that_the_command_takes_and_no_rule_names_what_is_personal(rule_id: str) -> None:
    command, fixture = JUDGED[rule_id]
    body, facts = situation(fixture)
    sent = command.model_validate_json(json.dumps(body)).model_dump(mode="json")
    spec = command.spec
    rules = RuleSet.load(personal_fields={spec.resource: spec.personal})
    assert rules.judge(spec.resource, spec.action, sent, facts, facts).outcome == "allow"
