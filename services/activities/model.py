"""Programmes, plans and visits as the field speaks of them, free of machinery."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from contracts.activities import PlannedIndicator, Strand
from contracts.area import AreaLevel
from contracts.codes import Carrier, Rhythm, UnitKind, VisitChannel, VisitOutcome


class PlanState(StrEnum):
    """How far a plan has come."""

    DRAFT = "draft"
    ACTIVE = "active"


class VisitFlag(StrEnum):
    """What somebody should look at. A flag is a question to the workers, never a mark against the family (L1)."""

    MATCH_UNKNOWN = "match_unknown"
    OUTSIDE_MATCH = "outside_match"
    WITHOUT_CONSENT = "without_consent"


@dataclass(frozen=True)
class Programme:
    """A carrier of activity (活动载体): who leads it and who carries it out."""

    carrier: Carrier
    name_en: str
    name_zh: str
    strands: tuple[Strand, ...]
    lead_unit: UnitKind
    implementing_units: tuple[UnitKind, ...]


@dataclass(frozen=True)
class Draft:
    """A plan that somebody begins."""

    id: UUID
    programme_id: UUID
    carrier: Carrier
    area_code: str
    level: AreaLevel
    year: int
    title: str


@dataclass(frozen=True)
class PlanOnFile:
    """What must be known of a plan to change it or put it in force."""

    id: UUID
    carrier: Carrier
    area_code: str
    level: AreaLevel
    year: int
    state: PlanState
    version: int
    title: str
    measures: "Measures"


@dataclass(frozen=True)
class PlanChange:
    """What one version of a plan changed: names of fields, and the roles of who did it, never who."""

    version: int
    fields: tuple[str, ...]
    roles: tuple[str, ...]
    changed_at: datetime


@dataclass(frozen=True)
class Measures:
    """What makes a plan measurable: whose it is, until when, paid from what, towards which indicators."""

    lead_unit: UnitKind | None
    implementing_units: tuple[UnitKind, ...]
    deadline: date | None
    budget_line: str | None
    indicators: tuple[PlannedIndicator, ...]


@dataclass(frozen=True)
class KnownMatch:
    """A pair as pairing told of it; a pair that ended stays known, for reports that come late."""

    id: UUID
    household_id: UUID
    helper_id: UUID
    area_code: str
    rhythm: Rhythm | None
    started_on: date
    ended_on: date | None = None

    def stood_on(self, day: date) -> bool:
        """Whether the pair stood on that day; its last day belongs to it."""
        return self.started_on <= day and (self.ended_on is None or day <= self.ended_on)


@dataclass(frozen=True)
class ConsentSpan:
    """From when, and until when, a household consented to visits."""

    given_on: date
    ended_on: date | None

    def covers(self, day: date) -> bool:
        """Whether the consent held for the whole of that day: the day of a withdrawal no longer counts."""
        return self.given_on <= day and (self.ended_on is None or day < self.ended_on)


@dataclass(frozen=True)
class KnownHousehold:
    """A household as households told of it, with what is known of its pairs and its consent to visits."""

    id: UUID
    area_code: str
    matches: Sequence[KnownMatch] = ()
    consents: Sequence[ConsentSpan] = ()


@dataclass(frozen=True)
class Visit:
    """Somebody was with a family. `helper_id` is whose visit it was, where it was a helper's."""

    id: UUID
    household_id: UUID
    match_id: UUID | None
    helper_id: UUID | None
    area_code: str
    visited_on: date
    reported_on: date
    reported_by: str
    channel: VisitChannel | None
    outcome: VisitOutcome
    needs_checked: bool | None
    consent_ref: UUID | None
    flags: tuple[VisitFlag, ...]
