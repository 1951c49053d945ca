"""What the activities service can be asked."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.activities.commands import PLANNERS, PlannedIndicator
from contracts.actor import EVERYBODY, OFFICERS, Purpose, Role
from contracts.codes import Carrier, UnitKind, VisitChannel, VisitOutcome
from contracts.log import SERVICES_ONLY, ReadStream, StreamPage
from contracts.messages import (
    Code,
    Page,
    Query,
    Route,
    View,
    query,
)
from contracts.record import READ_FOR, READERS, ReadRecord, RecordPage


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
    version: int


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

    year: Annotated[int, Field(ge=2000, le=2100)] | None = None


@query(
    "activities.plan",
    answer=PlanView,
    roles=PLANNERS | {Role.WORKING_GROUP, Role.AUDITOR},
    route=Route("GET", "/v1/plans/{plan_id}"),
)
class GetPlan(Query):
    """One plan as it stands. Its version, or its ETag, makes an edit safe against another's."""

    plan_id: UUID


class VisitRow(View):
    """One visit, without its note."""

    visit_id: UUID
    household_id: UUID
    match_id: UUID | None
    area_code: str
    visited_on: date
    reported_on: date
    channel: VisitChannel | None
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


class VisitFile(VisitRow):
    """One visit with its note: `flags` ask somebody to look, `reported_by` is the id of who reported it."""

    needs_checked: bool | None
    consent_ref: UUID | None
    flags: tuple[Code, ...]
    reported_by: str
    note: str | None


@query(
    "activities.visit",
    answer=VisitFile,
    roles=OFFICERS | {Role.HELPER},
    route=Route("GET", "/v1/visits/{visit_id}"),
    purposes=frozenset({Purpose.VISITS}),
)
class GetVisit(Query):
    """Read one visit and its note; a helper only what they reported. The read is on record."""

    visit_id: UUID


@query("activities.read_stream", answer=StreamPage, roles=SERVICES_ONLY)
class ReadActivitiesStream(ReadStream):
    """A listener lacks events of one of our subjects."""


@query("activities.read_record", answer=RecordPage, roles=READERS, purposes=READ_FOR)
class ReadActivitiesRecord(ReadRecord):
    """Who read and changed what about plans and visits."""
