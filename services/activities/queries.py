"""What activities answers: lists of the asker's own area, newest first."""

from chassis.paging import asked_area, id_cursor
from chassis.work import Work
from contracts.activities import (
    GetPlan,
    GetVisit,
    ListPlans,
    ListProgrammes,
    ListVisits,
    PlanPage,
    PlanView,
    ProgrammeList,
    VisitFile,
    VisitPage,
)
from contracts.refusals import NOT_FOUND, Refusal
from services.activities import store
from services.activities.rules import is_bound_helper


def list_programmes(work: Work, query: ListProgrammes) -> ProgrammeList:
    """All carriers."""
    return ProgrammeList(items=tuple(store.programmes(work, within=work.scope)))


def list_plans(work: Work, query: ListPlans) -> PlanPage:
    """The plans of an area."""
    before, limit = id_cursor(query), query.limit
    found = store.plans(work, query.year, before, limit + 1, within=asked_area(work, query))
    items = tuple(found[:limit])
    return PlanPage(items=items, next_cursor=str(items[-1].plan_id) if len(found) > limit else None)


def get_plan(work: Work, query: GetPlan) -> PlanView | Refusal:
    """One plan as it stands."""
    return store.plan_shown(work, query.plan_id, within=work.scope) or NOT_FOUND


def list_visits(work: Work, query: ListVisits) -> VisitPage | Refusal:
    """The visits of an area without their notes; a helper's own."""
    own = is_bound_helper(work.actor)
    if own and work.actor.subject_id is None:
        return NOT_FOUND
    before, limit = id_cursor(query), query.limit
    helper_id = work.actor.subject_id if own else None
    found = store.visits(work, query.household_id, helper_id, before, limit + 1, within=asked_area(work, query))
    items = tuple(found[:limit])
    return VisitPage(items=items, next_cursor=str(items[-1].visit_id) if len(found) > limit else None)


def get_visit(work: Work, query: GetVisit) -> VisitFile | Refusal:
    """A visit and its note; to a helper what they reported themselves, while they stand by the household."""
    bound = is_bound_helper(work.actor)
    if bound and work.actor.subject_id is None:
        return NOT_FOUND
    found = store.find_visit(work, query.visit_id, work.actor.subject_id if bound else None, within=work.scope)
    if found is None or (bound and found.reported_by != work.actor.id):
        return NOT_FOUND
    return found
