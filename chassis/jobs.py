"""What a background job is given: one attempt, which must bear being run again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from chassis.surroundings import Surroundings
from chassis.work import Work, transact
from contracts.actor import Actor

T = TypeVar("T")
WAITS = (
    timedelta(seconds=1),
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
)
"""Before a failed job is tried again; after the last it stays failed for an operator."""


class JobPostponed(Exception):
    """The job cannot be done now but nothing is wrong: try again later without counting it as a failure."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.delay = timedelta(seconds=seconds)


@dataclass(frozen=True)
class JobRun:
    """One attempt at a job; it may need several transactions and must bear being run again."""

    runtime: Surroundings
    id: UUID
    args: dict[str, Any]
    actor: Actor
    causation: str | None
    decision: UUID | None
    traceparent: str | None
    attempts: int

    def transact(self, do: Callable[[Work], T]) -> T:
        """A transaction in the name of whoever asked for the job."""
        context = {"causation": self.causation, "decision": self.decision, "traceparent": self.traceparent}
        return transact(self.runtime, self.actor, do, **context)
