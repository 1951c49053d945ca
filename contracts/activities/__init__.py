"""What the activities service says and answers."""

from contracts.activities.commands import (
    ActivatePlan,
    DraftPlan,
    PlannedIndicator,
    ReportVisit,
)
from contracts.activities.events import (
    PlanActivated,
    PlanDrafted,
    ProgrammeRegistered,
    VisitReported,
)
from contracts.activities.queries import (
    ListPlans,
    ListProgrammes,
    ListVisits,
    PlanPage,
    PlanView,
    ProgrammeList,
    ProgrammeView,
    Strand,
    VisitPage,
    VisitRow,
)

__all__ = [
    "COMMANDS",
    "EVENTS",
    "QUERIES",
    "ActivatePlan",
    "DraftPlan",
    "ListPlans",
    "ListProgrammes",
    "ListVisits",
    "PlanActivated",
    "PlanDrafted",
    "PlanPage",
    "PlanView",
    "PlannedIndicator",
    "ProgrammeList",
    "ProgrammeRegistered",
    "ProgrammeView",
    "ReportVisit",
    "Strand",
    "VisitPage",
    "VisitReported",
    "VisitRow",
]

EVENTS = (ProgrammeRegistered, PlanDrafted, PlanActivated, VisitReported)
COMMANDS = (DraftPlan, ActivatePlan, ReportVisit)
QUERIES = (ListProgrammes, ListPlans, ListVisits)
