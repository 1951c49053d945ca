"""What the activities service says and answers."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from contracts.actor import EVERYBODY, OFFICERS, Role
from contracts.area import AreaCode, AreaLevel
from contracts.codes import Carrier, UnitKind, VisitChannel, VisitOutcome
from contracts.messages import (
    Code,
    Command,
    Created,
    Done,
    Event,
    Message,
    Page,
    Query,
    Route,
    View,
    command,
    event,
    query,
)

PLANNERS = OFFICERS | {Role.UNIT_OFFICER}
Title = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Note = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*$")]

# --- events


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
    channel: VisitChannel
    outcome: VisitOutcome


# --- commands


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


@command(
    "activities.activate_plan",
    resource="plan",
    action="activate",
    route=Route("POST", "/v1/plans/{plan_id}/activate", 200),
    answer=Done,
    roles=PLANNERS,
)
class ActivatePlan(Command):
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


# --- queries


class Strand(View):
    """One strand of a carrier, by name."""

    name_en: str
    name_zh: str


class ProgrammeView(View):
    """One carrier with its strands and units."""

    programme_id: UUID
    carrier: Carrier
    name_en: str
    name_zh: str
    strands: tuple[Strand, ...] = ()
    lead_unit: UnitKind
    implementing_units: tuple[UnitKind, ...]


class ProgrammeList(View):
    """All carriers."""

    items: tuple[ProgrammeView, ...]


@query("activities.list_programmes", answer=ProgrammeList, roles=EVERYBODY, route=Route("GET", "/v1/programmes"))
class ListProgrammes(Query):
    """The carriers of activity with their lead and implementing units."""


class PlanView(View):
    """One plan."""

    plan_id: UUID
    carrier: Carrier
    area_code: str
    year: int
    title: str
    state: Code
    lead_unit: UnitKind | None
    implementing_units: tuple[UnitKind, ...]
    deadline: date | None
    budget_line: str | None
    indicators: tuple[PlannedIndicator, ...]
    activated_on: date | None


class PlanPage(View):
    """A page of plans."""

    items: tuple[PlanView, ...]
    next_cursor: str | None


@query(
    "activities.list_plans",
    answer=PlanPage,
    roles=PLANNERS | {Role.WORKING_GROUP, Role.AUDITOR},
    route=Route("GET", "/v1/plans"),
)
class ListPlans(Page):
    """The plans in your own area."""

    year: int | None = None


class VisitRow(View):
    """One visit, without its note."""

    visit_id: UUID
    household_id: UUID
    match_id: UUID | None
    area_code: str
    visited_on: date
    reported_on: date
    channel: VisitChannel
    outcome: VisitOutcome


class VisitPage(View):
    """A page of visits."""

    items: tuple[VisitRow, ...]
    next_cursor: str | None


@query(
    "activities.list_visits",
    answer=VisitPage,
    roles=OFFICERS | {Role.HELPER},
    route=Route("GET", "/v1/visits"),
)
class ListVisits(Page):
    """The visits in your own area; a helper sees their own."""

    household_id: UUID | None = None


EVENTS = (ProgrammeRegistered, PlanDrafted, PlanActivated, VisitReported)
COMMANDS = (DraftPlan, ActivatePlan, ReportVisit)
QUERIES = (ListProgrammes, ListPlans, ListVisits)
