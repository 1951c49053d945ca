"""The gateway's verdict as it travels with a command: who asked what, and that the rules let it in."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, model_validator

from contracts.messages import Code

VERDICT_LIFE: Final = timedelta(seconds=60)
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class RuleVerdict(BaseModel):
    """How one rule, in one version, judged. `exempted`: it failed, and `exemption` set it aside."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: Code
    version: int
    outcome: Literal["passed", "failed", "error", "exempted"]
    exemption: UUID | None = None


class VerdictClaims(BaseModel):
    """What the gateway signs: bound to one command, body, actor and area, for at most a minute. Ids and codes only.

    Only what was let in has claims; a denial is never signed. The values behind it stay in the gateway.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID
    command: str
    body_sha256: Sha256
    actor_id: str
    area: str
    issued_at: AwareDatetime
    expires_at: AwareDatetime
    outcome: Literal["allow", "warn"]
    ruleset_version: str
    rules: tuple[RuleVerdict, ...] = ()

    @model_validator(mode="after")
    def _is_short(self) -> Self:
        if not self.issued_at < self.expires_at <= self.issued_at + VERDICT_LIFE:
            raise ValueError("a verdict lives for at most a minute")
        return self

    def is_over(self, now: datetime) -> bool:
        """Whether the verdict no longer counts at `now` (aware)."""
        return now >= self.expires_at


def body_hash(command_type: str, body: Mapping[str, Any]) -> str:
    """SHA-256 in hex over the command's type and its JSON body, whatever the order of its keys.

    Raises TypeError for values that JSON does not have, and ValueError for NaN and infinities.
    """
    told = json.dumps([command_type, body], sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(told.encode("ascii")).hexdigest()
