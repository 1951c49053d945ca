"""Runs the examples that every rule carries inside: a rule that no longer says what its author meant is found here."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gateway.admission.evaluate import Failure, Judgement, RuleSet
from gateway.admission.loading import RulesRefused, Source
from gateway.admission.schema import RuleTest
from gateway.admission.vocabulary import never_blocked


@dataclass(frozen=True, slots=True)
class Broken:
    """A test inside a rule file that does not hold; `said` is a sentence for the rule's author."""

    rule: str
    test: str
    said: str


def run(ruleset: RuleSet) -> list[Broken]:
    """Run every test of every rule against the rule set; an empty list means that all hold.

    A rule without an example that passes and one that fails is broken too: nobody could see it go wrong.
    """
    broken: list[Broken] = []
    for source in ruleset.sources:
        broken += _untried(source)
        for test in source.rule.tests:
            if said := _run_one(ruleset, source, test):
                broken.append(Broken(source.rule.id, test.name, said))
    return broken


def unsaid(ruleset: RuleSet) -> list[Broken]:
    """What a rule that is shipped has to say outright: what happens when it cannot be judged, and all in both languages."""
    return [
        Broken(source.rule.id, "-", f"does not say {what}")
        for source in ruleset.sources
        for what, said in (
            ("on_error", source.rule.on_error),
            ("title.zh", source.rule.title.zh),
            ("remedy", source.rule.remedy),
            ("remedy.zh", source.rule.remedy and source.rule.remedy.zh),
        )
        if not said
    ]


def _untried(source: Source) -> list[Broken]:
    expected = {test.expect for test in source.rule.tests}
    lacking = [] if "allow" in expected else ["allow"]
    lacking += [] if expected & {"deny", "warn"} else ["deny or warn"]
    return [Broken(source.rule.id, "-", f"no test expects {what}") for what in lacking]


def _run_one(ruleset: RuleSet, source: Source, test: RuleTest) -> str | None:
    rule = source.rule
    action = test.action or rule.subject.action
    if not ruleset.applies(rule.id, rule.subject.resource, action):
        return None if test.expect == "not_applicable" else f"expected {test.expect}, does not apply to {action}"
    try:
        body, facts = situation(source, test)
    except (RulesRefused, LookupError, ValueError) as error:
        return f"cannot be set up: {error}"
    if test.mode:
        ruleset = ruleset.in_modes({rule.id: test.mode})
        source = replace(source, rule=rule.model_copy(update={"mode": test.mode}))
    context = {name: value for name, value in facts.items() if name.split(".")[0] in ruleset.words.context}
    judgement = ruleset.judge(rule.subject.resource, action, body, context, facts)
    return _compare(judgement, source, test)


def _compare(judgement: Judgement, source: Source, test: RuleTest) -> str | None:
    told = next(one for one in judgement.rules if one.rule == source.rule.id)
    wanted = {"allow": "passed", "deny": "failed", "warn": "failed", "error": "error"}.get(test.expect)
    if told.outcome != wanted:
        return f"expected {test.expect}, the rule {told.outcome}"
    if told.outcome == "failed" and test.expect != _in_force(source):
        return f"expected {test.expect}, the mode {source.rule.mode} makes it {_in_force(source)}"
    if test.effect and told.effect != test.effect:
        return f"expected {test.effect}, the mode {source.rule.mode} makes it {told.effect}"
    mine = [failure for failure in judgement.failures if failure.rule == source.rule.id]
    return _told(mine, test) if told.effect != "none" else None


def _in_force(source: Source) -> str:
    """What a failure is when the rule is in force: an audited or disabled rule is tried as if it were."""
    rule = source.rule
    if rule.mode == "warn" or never_blocked(rule.subject.resource):
        return "warn"
    return "deny" if rule.mode == "enforce" else next(t.expect for t in rule.tests if t.expect in ("deny", "warn"))


def _told(failures: list[Failure], test: RuleTest) -> str | None:
    if test.pointer is None and test.code is None:
        return None
    told = {(failure.code, pointer) for failure in failures for pointer in failure.pointers or (None,)}
    if any(test.code in (None, code) and test.pointer in (None, pointer) for code, pointer in told):
        return None
    wanted = " at ".join(filter(None, (test.code, test.pointer)))
    return f"expected {wanted}, said {', '.join(sorted(f'{code} at {at}' for code, at in told)) or 'nothing'}"


def situation(source: Source, test: RuleTest) -> tuple[dict[str, Any], dict[str, Any]]:
    """The body, and the facts by dotted name, that `test` describes. Raises RulesRefused, LookupError or ValueError."""
    given: Mapping[str, Any] = source.fixture(test.input) if isinstance(test.input, str) else {"body": test.input}
    body: dict[str, Any] = copy.deepcopy(given["body"])
    for pointer, value in test.set.items():
        holder, last = _holder(body, pointer)
        holder[last] = value
    if test.remove:
        holder, last = _holder(body, test.remove)
        del holder[last]
    return body, {**given.get("facts", {}), **test.facts}


def _holder(body: Any, pointer: str) -> tuple[Any, Any]:
    *steps, last = pointer.removeprefix("/").split("/")
    for step in steps:
        body = body[_key(body, step)]
    return body, _key(body, last)


def _key(holder: Any, step: str) -> Any:
    return int(step) if isinstance(holder, list) else step.replace("~1", "/").replace("~0", "~")
