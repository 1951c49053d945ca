"""The CloudEvents 1.0 envelope that every event travels in."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Envelope(BaseModel):
    """Structured-mode CloudEvents JSON with Kith's extension attributes.

    `sequence` counts from 1 without holes per subject and epoch. `causationid` names the event or call that led to
    this one; `decisionid` names the admission verdict that let it in, if somebody outside asked for it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    specversion: Literal["1.0"] = "1.0"
    datacontenttype: Literal["application/json"] = "application/json"
    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    epoch: int
    sequence: int
    causationid: str | None = None
    decisionid: UUID | None = None
    traceparent: str | None = None
    data: dict[str, Any]

    @property
    def service(self) -> str:
        """The service that said it: the last part of the source."""
        return self.source.rsplit("/", 1)[-1]
