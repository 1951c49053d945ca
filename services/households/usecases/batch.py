"""Rows and events of many households, gathered first and then written as sets."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from chassis.work import Work
from contracts.area import AreaScope
from contracts.messages import Event
from services.households import store

Row = dict[str, Any]


@dataclass(slots=True)
class Batch:
    """What one import changes."""

    households: list[Row] = field(default_factory=list)
    changed_households: list[Row] = field(default_factory=list)
    keys: list[Row] = field(default_factory=list)
    persons: list[Row] = field(default_factory=list)
    changed_persons: list[Row] = field(default_factory=list)
    gone: list[UUID] = field(default_factory=list)
    consents: list[Row] = field(default_factory=list)
    consent_history: list[Row] = field(default_factory=list)
    answers: list[Row] = field(default_factory=list)
    needs: list[Row] = field(default_factory=list)
    history: list[tuple[UUID, str, str]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def write(self, work: Work, within: AreaScope) -> None:
        """Write everything; who left goes before who comes, since a number is listed once."""
        store.add_households(work, self.households, within=within)
        store.change_households(work, self.changed_households, within=within)
        if self.gone:
            store.let_go(work, self.gone, work.today, within=within)
        store.add_persons(work, self.keys, self.persons, within=within)
        store.change_persons(work, self.changed_persons, within=within)
        store.set_consents(work, self.consents, within=within)
        store.add_consent_history(work, self.consent_history, within=within)
        store.add_survey_answers(work, self.answers, within=within)
        store.add_needs(work, self.needs, within=within)
        store.add_history(work, self.history, within=within)
        work.record(*self.events)
