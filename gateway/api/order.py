"""A command that somebody sent, made complete and plain: what is judged, sealed, kept and carried out."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from chassis.execution import parse
from contracts.actor import Actor
from contracts.catalogue import COMMANDS, owner
from contracts.messages import CommandSpec


class Order(BaseModel):
    """`body` is the command's JSON as its contract writes it, so that every hash of it is the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    body: dict[str, Any]
    actor: Actor
    idempotency_key: str
    traceparent: str

    @property
    def spec(self) -> CommandSpec:
        """What is declared about the command."""
        return COMMANDS[self.name].spec

    @property
    def needs_second(self) -> bool:
        """Whether somebody else has to agree before it is carried out."""
        second = self.spec.second
        return second is not None and second.asked(parse(COMMANDS[self.name], self.body), self.actor)

    @property
    def service(self) -> str:
        """Which service carries it out."""
        return owner(self.name)
