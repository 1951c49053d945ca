"""What activities answers: lists of the asker's own area, newest first."""

from chassis.database import Work
from chassis.paging import asked_area, id_cursor
from contracts.activities import (
    ListPlans,
    ListProgrammes,
    ListVisits,
    PlanPage,
    ProgrammeList,
    VisitPage,
)
from contracts.actor import OFFICERS, Role
from contracts.refusals import NOT_FOUND, Refusal
from services.activities import store


def list_programmes(work: Work, query: ListProgrammes) -> ProgrammeList:
    """All carriers."""
    return ProgrammeList(items=tuple(store.programmes(work, within=work.scope)))


def list_plans(work: Work, query: ListPlans) -> PlanPage:
    """The plans of an area."""
    before, limit = id_cursor(query), query.limit
    found = store.plans(work, query.year, before, limit + 1, within=asked_area(work, query))
    items = tuple(found[:limit])
    return PlanPage(items=items, next_cursor=str(items[-1].plan_id) if len(found) > limit else None)


def list_visits(work: Work, query: ListVisits) -> VisitPage | Refusal:
    """The visits of an area without their notes; a helper's own."""
    own = work.actor.has(Role.HELPER) and not work.actor.has(*OFFICERS)
    if own and work.actor.subject_id is None:
        return NOT_FOUND
    before, limit = id_cursor(query), query.limit
    helper_id = work.actor.subject_id if own else None
    found = store.visits(work, query.household_id, helper_id, before, limit + 1, within=asked_area(work, query))
    items = tuple(found[:limit])
    return VisitPage(items=items, next_cursor=str(items[-1].visit_id) if len(found) > limit else None)
