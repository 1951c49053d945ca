"""The rules in force here: those shipped, in the modes and with the exemptions that the database has. In memory on the way
of a change; looked after once a second, so that every process of the front door soon judges alike."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self, cast
from uuid import UUID

import sqlalchemy as sa

from gateway.admission.evaluate import NOBODY, RuleSet
from gateway.admission.exemptions import Exemption, exempting
from gateway.admission.modes import Since, first_mode
from gateway.admission.replaying import told
from gateway.admission.schema import Mode
from gateway.api.metrics import EXEMPTIONS, RULE_MODE
from gateway.office.store import rules as store
from gateway.office.store import verdicts

NEW_RULE = "new here: watched before it counts"
AS_SHIPPED = "as shipped"
ITSELF = "system:gateway"


@dataclass(frozen=True)
class InForce:
    """Rules in their modes, and what is exempted from them. Revision None: nobody can change them."""

    rules: RuleSet
    exemptions: Mapping[tuple[str, str], tuple[Exemption, ...]]
    revision: int | None

    def exempted(
        self, subject: tuple[str, str], body: Mapping[str, Any], area: str, today: date
    ) -> Mapping[str, UUID]:
        """Rule -> the exemption under which it is set aside for this change."""
        mine = self.exemptions.get(subject)
        return exempting(mine, body, area, today) if mine else NOBODY


class Rulebook:
    """Holds what is in force. `shipped` are the rules of this program, `today` the county's day."""

    def __init__(self, shipped: RuleSet, today: Callable[[], date]) -> None:
        self._shipped = shipped
        self._today = today
        self._in_force: InForce | None = None

    @classmethod
    def fixed(cls, rules: RuleSet) -> Self:
        """Rules that stay as they are."""
        found = cls(rules, lambda: date.min)
        found._in_force = InForce(rules, {}, None)
        return found

    @property
    def shipped(self) -> RuleSet:
        """The rules as their files wish them to be."""
        return self._shipped

    def current(self, connection: sa.Connection) -> InForce:
        """What is in force: held in memory, or read with this connection while nothing is held yet."""
        return self._in_force or self._read(connection)

    def news(self, connection: sa.Connection) -> InForce | None:
        """What is in force now, if it is not what is held. Hold it once the transaction is over."""
        known = self._in_force
        if known is not None and (known.revision is None or known.revision == store.revision(connection)):
            return None
        return self._read(connection)

    def hold(self, found: InForce) -> None:
        """Judge by this from now on. What was read in a transaction that came to nothing is never held."""
        self._in_force = found
        RULE_MODE.clear()
        for source in found.rules.sources:
            RULE_MODE.labels(source.rule.id, source.rule.mode).set(1)

    def measure(self) -> None:
        """Tell how many exemptions hold today; the day alone ends some."""
        if self._in_force is not None:
            held = (one for exemptions in self._in_force.exemptions.values() for one in exemptions)
            EXEMPTIONS.set(sum(one.until >= self._today() for one in held))

    def _read(self, connection: sa.Connection) -> InForce:
        modes = store.modes(connection)
        if any((s.rule.id, s.rule.fingerprint) not in modes for s in self._shipped.sources):
            modes = self._adopt(connection)
        wanted = {s.rule.id: modes[s.rule.id, s.rule.fingerprint] for s in self._shipped.sources}
        rules = self._shipped.in_modes(cast(Mapping[str, Mode], wanted))
        verdicts.keep_ruleset(connection, rules.version, *told(rules))
        return InForce(rules, self._exemptions(connection), store.revision(connection))

    def _adopt(self, connection: sa.Connection) -> dict[tuple[str, str], str]:
        """Give each rule that is new here the mode that it begins in. Others wait until this transaction is over."""
        store.turn_page(connection)
        modes = store.modes(connection)
        for source in self._shipped.sources:
            rule = source.rule
            if (rule.id, rule.fingerprint) in modes:
                continue
            mode = first_mode(rule.mode, running=bool(modes))
            reason = AS_SHIPPED if mode == rule.mode else NEW_RULE
            store.add_mode(connection, (rule.id, rule.fingerprint), Since(mode, self._today()), ITSELF, reason)
        return store.modes(connection)

    def _exemptions(self, connection: sa.Connection) -> Mapping[tuple[str, str], tuple[Exemption, ...]]:
        found: dict[tuple[str, str], list[Exemption]] = defaultdict(list)
        for one in store.exemptions(connection, self._today()):
            if known := self._shipped.rule(one.rule):
                found[known.rule.subject.resource, known.rule.subject.action].append(one)
        return {subject: tuple(exemptions) for subject, exemptions in found.items()}
