"""A service as data: its commands, queries, reactions, timers and jobs. Hosts make it run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from chassis.jobs import JobRun
from chassis.surroundings import Surroundings
from chassis.work import Work
from contracts.catalogue import owner
from contracts.messages import Answer, Command, Event, Query, View
from contracts.refusals import Refusal

CommandHandler = Callable[[Work, Any], Answer | Refusal]
QueryHandler = Callable[[Work, Any], View | Refusal]
Reaction = Callable[[Work, Any], None]
JobHandler = Callable[[JobRun], None]


class NotYet(Exception):
    """A reaction lacks another subject's fact: it waits for that subject, and it is no failure."""

    def __init__(self, subject: object) -> None:
        super().__init__(str(subject))
        self.subject = str(subject)


R_ = TypeVar("R_", bound=Callable[..., None])


def on(*events: type[Event]) -> Callable[[R_], R_]:
    """Mark a function as the reaction to events of these types."""

    def mark(function: R_) -> R_:
        function.listens_to = events  # type: ignore[attr-defined]
        return function

    return mark


@dataclass(frozen=True)
class Timer:
    """Something done again and again, by one process at a time."""

    name: str
    every: timedelta
    run: Callable[[Surroundings], None]


@dataclass(frozen=True)
class Service:
    """One service's table of contents."""

    name: str
    commands: Mapping[type[Command], CommandHandler] = field(default_factory=dict)
    queries: Mapping[type[Query], QueryHandler] = field(default_factory=dict)
    reactions: tuple[Reaction, ...] = ()
    timers: tuple[Timer, ...] = ()
    jobs: Mapping[str, JobHandler] = field(default_factory=dict)
    on_start: tuple[Callable[[Work], None], ...] = ()
    """Idempotent use cases that the first start of an installation needs."""

    database: str = ""
    """Whose database it lives in; empty: its own."""

    listens_to_all: bool = False
    projections: tuple[str, ...] = ()
    """The tables that are made of events alone, if all are: they can be emptied and made anew from the logs."""

    @property
    def database_name(self) -> str:
        """The room in which its tables stand."""
        return self.database or self.name

    def sources(self, all_sources: tuple[str, ...]) -> frozenset[str]:
        """The services whose events it hears: bound by source, never by type, so that a hole means loss."""
        if self.listens_to_all:
            return frozenset(all_sources)
        return frozenset(owner(event.type) for reaction in self.reactions for event in heard(reaction))

    def reactions_to(self) -> dict[str, tuple[Reaction, ...]]:
        """Event type -> the functions that react to it, in the order of the list."""
        found: dict[str, tuple[Reaction, ...]] = {}
        for reaction in self.reactions:
            for event in heard(reaction):
                found[event.type] = (*found.get(event.type, ()), reaction)
        return found


def heard(reaction: Reaction) -> tuple[type[Event], ...]:
    """The event classes that a reaction was marked with."""
    events: tuple[type[Event], ...] = getattr(reaction, "listens_to", ())
    return events
