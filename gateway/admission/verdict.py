"""The gateway's own record of a judgement: what was asked, by whom, what the rules said and on which values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from chassis.ids import new_id
from contracts.verdict import VERDICT_LIFE, RuleVerdict, VerdictClaims, body_hash
from gateway.admission.evaluate import Decision, Judgement


@dataclass(frozen=True, slots=True)
class Asked:
    """A command at the door: its type, its JSON body, and who sends it from which area."""

    command: str
    body: Mapping[str, Any]
    actor_id: str
    area: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Kept for every change, let in or not. `values` are those of the fields that the rules named, for replay."""

    id: UUID
    command: str
    body_sha256: str
    actor_id: str
    area: str
    issued_at: datetime
    expires_at: datetime
    outcome: Decision
    ruleset_version: str
    rules: tuple[RuleVerdict, ...]
    values: Mapping[str, Any]

    @classmethod
    def of(cls, judgement: Judgement, asked: Asked, now: datetime) -> Self:
        """The verdict on what was asked; it counts for a minute from `now` (aware)."""
        return cls(
            id=new_id(),
            command=asked.command,
            body_sha256=body_hash(asked.command, asked.body),
            actor_id=asked.actor_id,
            area=asked.area,
            issued_at=now,
            expires_at=now + VERDICT_LIFE,
            outcome=judgement.outcome,
            ruleset_version=judgement.ruleset_version,
            rules=tuple(
                RuleVerdict(rule=r.rule, version=r.version, outcome=r.told, exemption=r.exemption)
                for r in judgement.rules
            ),
            values=judgement.values,
        )

    def claims(self) -> VerdictClaims | None:
        """What is signed and sent with the command; None for what was not let in."""
        if self.outcome not in ("allow", "warn"):
            return None
        return VerdictClaims(
            id=self.id,
            command=self.command,
            body_sha256=self.body_sha256,
            actor_id=self.actor_id,
            area=self.area,
            issued_at=self.issued_at,
            expires_at=self.expires_at,
            outcome=self.outcome,
            ruleset_version=self.ruleset_version,
            rules=self.rules,
        )
