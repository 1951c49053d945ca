"""What the activities service can be told to do."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from contracts.actor import OFFICERS, Role
from contracts.area import AreaCode
from contracts.codes import Carrier, UnitKind, VisitChannel, VisitOutcome
from contracts.messages import (
    Answer,
    Code,
    Command,
    Created,
    Done,
    Edit,
    Message,
    Route,
    command,
)

PLANNERS = OFFICERS | {Role.UNIT_OFFICER}
Title = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Note = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*$")]


@command(
    "activities.draft_plan",
    resource="plan",
    action="create",
    route=Route("POST", "/v1/plans", 201),
    answer=Created,
    roles=PLANNERS,
)
class DraftPlan(Command):
    """Begin a plan for an area and a year under one of the carriers."""

    carrier: Carrier
    area_code: AreaCode
    year: Annotated[int, Field(ge=2000, le=2100)]
    title: Title


class PlannedIndicator(Message):
    """What a plan promises: an indicator of the catalogue, from where, to where, by when."""

    code: Code | None = None
    baseline: Annotated[int, Field(ge=0, le=10**12)] | None = None
    target: Annotated[int, Field(ge=0, le=10**12)] | None = None
    due: date | None = None


class PlanRevised(Answer):
    """The version that the plan has now."""

    version: int


@command(
    "activities.revise_plan",
    resource="plan",
    action="revise",
    route=Route("PATCH", "/v1/plans/{plan_id}", 200),
    answer=PlanRevised,
    roles=PLANNERS,
)
class RevisePlan(Edit):
    """Change a draft: what is left out stays as it is."""

    plan_id: UUID
    title: Title | None = None
    lead_unit: UnitKind | None = None
    implementing_units: tuple[UnitKind, ...] | None = None
    deadline: date | None = None
    budget_line: Code | None = None
    indicators: Annotated[tuple[PlannedIndicator, ...], Field(max_length=50)] | None = None


@command(
    "activities.activate_plan",
    resource="plan",
    action="activate",
    route=Route("POST", "/v1/plans/{plan_id}/activate", 200),
    answer=Done,
    roles=PLANNERS,
)
class ActivatePlan(Edit):
    """Put a plan in force. What may be left out here is judged by the rules (ADM-01), not by the schema."""

    plan_id: UUID
    lead_unit: UnitKind | None = None
    implementing_units: tuple[UnitKind, ...] = ()
    deadline: date | None = None
    budget_line: Code | None = None
    indicators: Annotated[tuple[PlannedIndicator, ...], Field(max_length=50)] = ()


@command(
    "activities.report_visit",
    resource="visit_report",
    action="submit",
    route=Route("POST", "/v1/visits", 201),
    answer=Created,
    roles=OFFICERS | {Role.HELPER},
    never_blocked=True,
    personal=frozenset({"note"}),
)
class ReportVisit(Command):
    """Report a visit, also late and from a phone that was offline. The note is encrypted and never searched."""

    household_id: UUID
    match_id: UUID | None = None
    visited_on: date
    channel: VisitChannel | None = None
    outcome: VisitOutcome
    needs_checked: bool | None = None
    consent_ref: UUID | None = None
    note: Note | None = None
