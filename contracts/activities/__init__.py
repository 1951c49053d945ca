"""What the activities service says and answers."""

from contracts.activities.commands import (
    ActivatePlan,
    DraftPlan,
    PlannedIndicator,
    ReportVisit,
)
from contracts.activities.events import (
    ActivitiesStreamRestored,
    PlanActivated,
    PlanDrafted,
    ProgrammeRegistered,
    VisitReported,
)
from contracts.activities.queries import (
    GetVisit,
    ListPlans,
    ListProgrammes,
    ListVisits,
    PlanPage,
    PlanView,
    ProgrammeList,
    ProgrammeView,
    ReadActivitiesStream,
    Strand,
    VisitFile,
    VisitPage,
    VisitRow,
)

__all__ = [
    "COMMANDS",
    "EVENTS",
    "QUERIES",
    "ActivatePlan",
    "ActivitiesStreamRestored",
    "DraftPlan",
    "GetVisit",
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
    "ReadActivitiesStream",
    "ReportVisit",
    "Strand",
    "VisitFile",
    "VisitPage",
    "VisitReported",
    "VisitRow",
]

EVENTS = (ProgrammeRegistered, PlanDrafted, PlanActivated, VisitReported, ActivitiesStreamRestored)
COMMANDS = (DraftPlan, ActivatePlan, ReportVisit)
QUERIES = (ListProgrammes, ListPlans, ListVisits, GetVisit, ReadActivitiesStream)
