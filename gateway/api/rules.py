"""The rules that this gateway judges by, held against what the commands declare."""

from collections import defaultdict
from functools import cache

from contracts.catalogue import COMMANDS
from gateway.admission.evaluate import RuleSet


@cache
def shipped_rules() -> RuleSet:
    """The rules shipped with Kith; RulesRefused if one names a personal field or could hold care back."""
    personal: dict[str, frozenset[str]] = defaultdict(frozenset)
    for command in COMMANDS.values():
        personal[command.spec.resource] |= command.spec.personal
    never_blocked = frozenset(kind.spec.resource for kind in COMMANDS.values() if kind.spec.never_blocked)
    return RuleSet.load(personal_fields=personal, never_blocked=never_blocked)
