"""What is put into every consumer of a chaos run: a witness of what was applied, and reactions that fail."""

from dataclasses import replace
from random import Random

import sqlalchemy as sa

from chassis.service import Reaction, Service, on
from chassis.work import Work
from contracts.catalogue import EVENTS, SOURCES, owner
from contracts.messages import Event
from tests.chaos.conditions import Conditions
from tests.chaos.journal import note

TABLE = """
    create table if not exists chaos_witness (
        n bigserial primary key, event_id uuid not null, subject text not null, type text not null)
"""
WRITE = sa.text("insert into chaos_witness (event_id, subject, type) values (:event_id, :subject, :type)")
POISONED = frozenset({"pairing", "measure"})


class Stumbled(Exception):
    """A reaction that fails because the run says so."""


def observed(service: Service, conditions: Conditions) -> Service:
    """The service with a witness before its own reactions and a stumbling stone behind them."""
    heard = tuple(event for event in EVENTS.values() if owner(event.type) in service.sources(SOURCES))
    first, last = on(*heard)(_witness()), on(*heard)(_stumbling(service.name, conditions))
    return replace(service, reactions=(first, *service.reactions, last))


def _witness() -> Reaction:
    """A function of its own for each service, since `on` writes on it what it listens to."""

    def bear_witness(work: Work, event: Event) -> None:
        work.connection.execute(WRITE, {"event_id": work.causation, "subject": event.subject, "type": event.type})

    return bear_witness


def _stumbling(name: str, conditions: Conditions) -> Reaction:
    """Fails once the real reactions have done their work, so that it all has to be undone."""
    random = Random(conditions.draw)

    def stumble(work: Work, event: Event) -> None:
        poisoned = name in POISONED and str(getattr(event, "household_id", "")) == conditions.poison != ""
        if poisoned:
            note(conditions.journal, "poison")
            raise Stumbled("poison")
        if conditions.failing and random.random() < conditions.failing:
            note(conditions.journal, "failing_reactions")
            raise Stumbled("chance")

    return stumble
