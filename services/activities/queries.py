"""What activities answers: lists of the asker's own area, newest first."""

from uuid import UUID

from chassis.database import Work
from contracts.activities import (
    ListPlans,
    ListProgrammes,
    ListVisits,
    PlanPage,
    ProgrammeList,
    VisitPage,
)
from contracts.actor import OFFICERS, Role
from contracts.area import AreaScope
from contracts.messages import Page
from contracts.refusals import BODY_INVALID, NOT_FOUND, OUT_OF_AREA, Refusal, Refused
from services.activities import store

LARGEST_PAGE = 500


def list_programmes(work: Work, query: ListProgrammes) -> ProgrammeList:
    """All carriers."""
    return ProgrammeList(items=tuple(store.programmes(work, within=work.scope)))


def list_plans(work: Work, query: ListPlans) -> PlanPage:
    """The plans of an area."""
    before, limit = _window(query)
    found = store.plans(work, query.year, before, limit + 1, within=_asked_area(work, query))
    items = tuple(found[:limit])
    return PlanPage(items=items, next_cursor=str(items[-1].plan_id) if len(found) > limit else None)


def list_visits(work: Work, query: ListVisits) -> VisitPage | Refusal:
    """The visits of an area without their notes; a helper's own."""
    own = work.actor.has(Role.HELPER) and not work.actor.has(*OFFICERS)
    if own and work.actor.subject_id is None:
        return NOT_FOUND
    before, limit = _window(query)
    helper_id = work.actor.subject_id if own else None
    found = store.visits(work, query.household_id, helper_id, before, limit + 1, within=_asked_area(work, query))
    items = tuple(found[:limit])
    return VisitPage(items=items, next_cursor=str(items[-1].visit_id) if len(found) > limit else None)


def _asked_area(work: Work, query: Page) -> AreaScope:
    """The area asked for, which lies in the asker's own; without one, their own."""
    if query.area_code is None:
        return work.scope
    if not work.scope.covers(query.area_code):
        raise Refused(OUT_OF_AREA.at("/area_code"))
    return AreaScope(query.area_code)


def _window(query: Page) -> tuple[UUID | None, int]:
    """(the id before which the page begins, how many)."""
    if not 1 <= query.limit <= LARGEST_PAGE:
        raise Refused(BODY_INVALID.at("/limit"))
    try:
        return UUID(query.cursor) if query.cursor else None, query.limit
    except ValueError:
        raise Refused(BODY_INVALID.at("/cursor")) from None
