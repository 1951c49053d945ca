"""What the activities service says and answers."""

from contracts.activities.commands import (
    ActivatePlan,
    DraftPlan,
    PlannedIndicator,
    PlanRevised,
    ReportVisit,
    RevisePlan,
)
from contracts.activities.events import (
    ActivitiesStreamRestored,
    PlanActivated,
    PlanDrafted,
    ProgrammeRegistered,
    VisitReported,
)
from contracts.activities.queries import (
    GetPlan,
    GetVisit,
    ListPlans,
    ListProgrammes,
    ListVisits,
    PlanPage,
    PlanView,
    ProgrammeList,
    ProgrammeView,
    ReadActivitiesRecord,
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
    "GetPlan",
    "GetVisit",
    "ListPlans",
    "ListProgrammes",
    "ListVisits",
    "PlanActivated",
    "PlanDrafted",
    "PlanPage",
    "PlanRevised",
    "PlanView",
    "PlannedIndicator",
    "ProgrammeList",
    "ProgrammeRegistered",
    "ProgrammeView",
    "ReadActivitiesRecord",
    "ReadActivitiesStream",
    "ReportVisit",
    "RevisePlan",
    "Strand",
    "VisitFile",
    "VisitPage",
    "VisitReported",
    "VisitRow",
]

EVENTS = (ProgrammeRegistered, PlanDrafted, PlanActivated, VisitReported, ActivitiesStreamRestored)
COMMANDS = (DraftPlan, RevisePlan, ActivatePlan, ReportVisit)
QUERIES = (ListProgrammes, ListPlans, GetPlan, ListVisits, GetVisit, ReadActivitiesRecord, ReadActivitiesStream)
