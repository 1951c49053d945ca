"""The activities service, as a table of contents."""

from chassis import audit_reading, log
from chassis.service import Service
from contracts.activities import (
    ActivatePlan,
    DraftPlan,
    GetPlan,
    GetVisit,
    ListPlans,
    ListProgrammes,
    ListVisits,
    ReadActivitiesRecord,
    ReadActivitiesStream,
    ReportVisit,
    RevisePlan,
)
from services.activities import queries, reactions, usecases

SERVICE = Service(
    name="activities",
    commands={
        DraftPlan: usecases.draft_plan,
        RevisePlan: usecases.revise_plan,
        ActivatePlan: usecases.activate_plan,
        ReportVisit: usecases.report_visit,
    },
    queries={
        ListProgrammes: queries.list_programmes,
        ListPlans: queries.list_plans,
        GetPlan: queries.get_plan,
        ListVisits: queries.list_visits,
        GetVisit: queries.get_visit,
        ReadActivitiesStream: log.read_stream,
        ReadActivitiesRecord: audit_reading.read_record,
    },
    reactions=(
        reactions.know_household,
        reactions.know_consent,
        reactions.forget_consent,
        reactions.know_match,
        reactions.end_match,
    ),
    on_start=(usecases.preset_programmes,),
)
