"""A report about a visit is taken in: late, assisted, unmatched or unconsented; what is odd about it is flagged."""

from uuid import UUID

from chassis.ids import new_id
from chassis.work import Work
from contracts.activities import ReportVisit, VisitReported
from contracts.messages import Created
from contracts.refusals import NOT_FOUND, Refusal
from services.activities import store
from services.activities.model import KnownHousehold, Visit, VisitFlag
from services.activities.rules import VISIT_IN_FUTURE, flags_of, is_bound_helper, is_theirs, match_of


def report_visit(work: Work, command: ReportVisit) -> Created | Refusal:
    """Take in a visit, never twice (the call's idempotency key) and never dropped (L3).

    Two visits on one day are two visits: nothing but the key tells a repetition. A pair that is not known here
    leaves the visit unlinked, flagged `match_unknown`. A visit that was made without consent to visits has
    happened; to refuse the report would only hide it. It is kept, flagged `without_consent` and put on record, so
    that somebody speaks to the worker (L1): the family loses nothing. Helpers report for their own households only.
    """
    if command.visited_on > work.today:
        return VISIT_IN_FUTURE.at("/visited_on")
    household = store.household(work, command.household_id, within=work.scope)
    by_helper = is_bound_helper(work.actor)
    if household is None or (by_helper and not is_theirs(household, work.actor.subject_id)):
        return NOT_FOUND
    visit = _visit(work, command, household, work.actor.subject_id if by_helper else None)
    store.add_visit(work, visit, command.note or None, within=work.scope)
    if VisitFlag.WITHOUT_CONSENT in visit.flags:
        work.audit("activities.visit_made", about=visit.id, outcome=VisitFlag.WITHOUT_CONSENT)
    work.record(_reported(visit))
    return Created(id=visit.id)


def _visit(work: Work, command: ReportVisit, household: KnownHousehold, helper_id: UUID | None) -> Visit:
    match = match_of(household, command.match_id, helper_id)
    return Visit(
        id=new_id(),
        household_id=household.id,
        match_id=match.id if match else None,
        helper_id=match.helper_id if match else helper_id,
        area_code=household.area_code,
        visited_on=command.visited_on,
        reported_on=work.today,
        reported_by=work.actor.id,
        channel=command.channel,
        outcome=command.outcome,
        needs_checked=command.needs_checked,
        consent_ref=command.consent_ref,
        flags=flags_of(household, command.match_id, match, command.visited_on),
    )


def _reported(visit: Visit) -> VisitReported:
    return VisitReported(
        visit_id=visit.id,
        household_id=visit.household_id,
        match_id=visit.match_id,
        area_code=visit.area_code,
        visited_on=visit.visited_on,
        reported_on=visit.reported_on,
        channel=visit.channel,
        outcome=visit.outcome,
    )
