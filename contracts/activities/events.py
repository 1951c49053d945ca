"""What the activities service says has happened."""

from datetime import date
from uuid import UUID

from contracts.area import AreaCode, AreaLevel
from contracts.codes import Carrier, UnitKind, VisitChannel, VisitOutcome
from contracts.log import StreamRestored
from contracts.messages import (
    Event,
    event,
)


@event("activities.programme_registered.v1", subject="programme_id", public=True)
class ProgrammeRegistered(Event):
    """A carrier of activity stands, with who leads it and who carries it out."""

    programme_id: UUID
    carrier: Carrier
    lead_unit: UnitKind
    implementing_units: tuple[UnitKind, ...]


@event("activities.plan_drafted.v1", subject="plan_id")
class PlanDrafted(Event):
    """A plan was begun for an area and a year."""

    plan_id: UUID
    programme_id: UUID
    carrier: Carrier
    area_code: AreaCode
    level: AreaLevel
    year: int
    drafted_on: date


@event("activities.plan_activated.v1", subject="plan_id")
class PlanActivated(Event):
    """A plan that can be measured is in force."""

    plan_id: UUID
    carrier: Carrier
    area_code: AreaCode
    level: AreaLevel
    year: int
    lead_unit: UnitKind
    activated_on: date


@event("activities.visit_reported.v1", subject="visit_id")
class VisitReported(Event):
    """Somebody was with a family."""

    visit_id: UUID
    household_id: UUID
    match_id: UUID | None
    area_code: AreaCode
    visited_on: date
    reported_on: date
    channel: VisitChannel | None
    outcome: VisitOutcome


@event("activities.stream_restored.v1", subject="stream")
class ActivitiesStreamRestored(StreamRestored):
    """The database of activities was restored; this stream begins anew."""
