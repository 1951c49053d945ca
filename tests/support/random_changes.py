"""Random changes for rules: bodies made around a fixture, with what the gateway may know, or lack."""

import copy
import random
from collections.abc import Iterator
from typing import Any

from gateway.admission.evaluate import RuleSet
from gateway.admission.loading import Source
from tests.support.admission import situation

ODD = (None, "", " ", 0, -1, 2**40, 1.5, True, [], {}, "2026-04-18", "2025-12-31", "2027-06-01", "soon", ["auditor"],
       ["auditor", "helper"], "needs_help", "county", [{"code": "PAIR-01"}], "x" * 40)  # fmt: skip
Change = tuple[str, str, dict[str, Any], dict[str, Any]]


def fixture_of(source: Source) -> str:
    """The body that the rule's own examples let through as it is."""
    return next(
        test.input.removeprefix("fixtures/").removesuffix(".json")
        for test in source.rule.tests
        if isinstance(test.input, str) and test.expect == "allow" and not (test.set or test.remove)
    )


def changes(rules: RuleSet, count: int, seed: int) -> Iterator[Change]:
    """(resource, action, body, what is known): the same ones for the same seed."""
    drawn = random.Random(seed)
    known = [(source.rule.subject, situation(fixture_of(source))) for source in rules.sources]
    for _ in range(count):
        subject, (body, facts) = drawn.choice(known)
        body, facts = copy.deepcopy(body), copy.deepcopy(facts)
        for _ in range(drawn.randint(0, 3)):
            _disturb(drawn, drawn.choice((body, body, facts)))
        yield subject.resource, subject.action, body, facts


def _disturb(drawn: random.Random, holder: Any) -> None:
    if not holder:
        return
    place = drawn.choice(list(holder)) if isinstance(holder, dict) else drawn.randrange(len(holder))
    inner = holder[place]
    if isinstance(inner, dict | list) and inner and drawn.random() < 0.6:
        _disturb(drawn, inner)
    elif drawn.random() < 0.3:
        del holder[place]
    else:
        holder[place] = drawn.choice(ODD)
