"""The rules shipped with Kith, held against what the commands declare."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Final

from contracts.catalogue import COMMANDS
from gateway.admission.compiled import Compiled
from gateway.admission.evaluate import RuleSet
from gateway.admission.loading import NOWHERE, RulesRefused, Source, parse_rules

MOST_ON_TRIAL: Final = 20


@cache
def shipped_rules() -> RuleSet:
    """The rules shipped with Kith; RulesRefused if one names a personal field or could hold care back."""
    return RuleSet.load(personal_fields=personal_fields(), never_blocked=care())


def compiled_on_trial(text: str) -> list[Compiled]:
    """The rules of a file that somebody is trying out, held to the same; RulesRefused with all problems."""
    sources = [Source(rule, "on trial", NOWHERE) for rule in parse_rules(text)]
    if len(sources) > MOST_ON_TRIAL:
        raise RulesRefused([f"more than {MOST_ON_TRIAL} rules: try fewer at once"])
    found = RuleSet.of(sources, personal_fields=personal_fields(), never_blocked=care())
    return [one for source in sources if (one := found.rule(source.rule.id))]


@cache
def personal_fields() -> Mapping[str, frozenset[str]]:
    """Resource -> dotted paths that no rule may name."""
    found: dict[str, frozenset[str]] = defaultdict(frozenset)
    for command in COMMANDS.values():
        found[command.spec.resource] |= command.spec.personal
    return dict(found)


@cache
def care() -> frozenset[str]:
    """Resources that the commands themselves declare as never blocked (law L3)."""
    return frozenset(kind.spec.resource for kind in COMMANDS.values() if kind.spec.never_blocked)


def is_care(command: str) -> bool:
    """Whether this command is let in whatever the rules say; one that is known no more is not."""
    kind = COMMANDS.get(command)
    return kind is not None and kind.spec.never_blocked
