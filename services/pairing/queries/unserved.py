"""Which consenting families have nobody today, and why: asked of the present register, never stored."""

from chassis.paging import asked_area
from chassis.work import Work
from contracts.pairing import ExcludedView, ListUnserved, UnservedPage, UnservedRow
from services.pairing.engine import Problem
from services.pairing.model import HouseholdCare
from services.pairing.queries.excluding import excluded_of, in_words
from services.pairing.queries.paging import cursor_after, read_cursor
from services.pairing.queries.situation import situation_of
from services.pairing.rules import ReasonCode
from services.pairing.store import care, ranges


def list_unserved(work: Work, query: ListUnserved) -> UnservedPage:
    """By household number. The area bounds the families; helpers are those of their townships, and all they carry."""
    limit = query.limit
    found = care.page_without_pair(work, read_cursor(query.cursor), limit + 1, within=asked_area(work, query))
    shown, more = found[:limit], len(found) > limit
    last = cursor_after(shown[-1].care.number, shown[-1].care.household_id) if more else None
    return UnservedPage(items=_rows(work, shown), next_cursor=last)


def _rows(work: Work, shown: tuple[care.Known, ...]) -> tuple[UnservedRow, ...]:
    county = ranges.look_across(work, within=work.runtime.system.scope)
    situation = situation_of(work, shown, within=county)
    rows = {
        each.household_id: _row(problem, each)
        for problem in situation.problem.townships()
        for each in problem.households
    }
    return tuple(rows[each.care.household_id] for each in shown)


def _row(problem: Problem, household: HouseholdCare) -> UnservedRow:
    return UnservedRow(
        household_id=household.household_id,
        household_number=household.number,
        area_code=household.village_code,
        may_be_asked=sum(problem.may_pair(household, helper) for helper in problem.helpers),
        excluded=_excluded(problem, household),
    )


def _excluded(problem: Problem, household: HouseholdCare) -> tuple[ExcludedView, ...]:
    if not problem.helpers:
        return (in_words(ReasonCode.NO_HELPER_NEAR, 0),)
    return excluded_of(problem, household.household_id)
