"""Ends what stands or is asked about, whatever the reason, and tells everybody."""

from datetime import date, timedelta
from uuid import UUID

from chassis.work import Work
from contracts.codes import EndReason
from contracts.pairing import MatchEnded
from contracts.refusals import Refusal, Refused
from services.pairing.model import MatchState
from services.pairing.rules import not_cleared
from services.pairing.store import care, matches, register
from services.pairing.store.care import Known
from services.pairing.store.matches import Kept
from services.pairing.usecases.rematching import REMATCH_JOB

SURELY_CLEARED = timedelta(days=364)
"""A clearance lasts 12 months, which is never fewer days than one more than these."""


def stop_match(work: Work, kept: Kept, reason: EndReason, on: date) -> None:
    """End the pair if it stands, withdraw it if it was only proposed. Never before the day on which it began."""
    day = max(on, kept.match.started_on or kept.match.proposed_on)
    after = kept.match.stop(reason, day)
    if isinstance(after, Refusal):
        raise Refused(after)
    matches.change_match(work, kept, after, within=work.runtime.system.scope)
    work.record(
        MatchEnded(
            match_id=after.id,
            household_id=after.household_id,
            helper_id=after.helper_id,
            area_code=after.area_code,
            ended_on=day,
            was_active=kept.match.state is MatchState.ACTIVE,
            reason=reason,
        )
    )


def stop_for_household(work: Work, household_id: UUID, reason: EndReason) -> None:
    """Whatever the household has standing or is asked about is over; nobody new is looked for."""
    for kept in matches.standing_of_household(work, household_id, within=work.runtime.system.scope):
        stop_match(work, kept, reason, work.today)


def stop_unsafe(work: Work, household: Known) -> None:
    """A minor lives in this house now: without a valid clearance the helper may not come any more (P2)."""
    within = work.runtime.system.scope
    found = matches.standing_of_household(work, household.care.household_id, within=within)
    _stop_uncleared(work, found, {household.care.household_id: household})


def stop_lapsed(work: Work) -> None:
    """Clearances end by themselves; on that day so do the pairs that need them."""
    within = work.runtime.system.scope
    found = matches.standing_with_minors(work, (work.today - SURELY_CLEARED, work.today), within=within)
    households = care.households(work, {each.match.household_id for each in found}, within=within)
    _stop_uncleared(work, found, {each.care.household_id: each for each in households})


def _stop_uncleared(work: Work, found: tuple[Kept, ...], households: dict[UUID, Known]) -> None:
    """The households are offered someone who may come; until pausing exists, a pair that may not go on ends."""
    helpers = register.lock_helpers(
        work, {each.match.helper_id for each in found}, within=work.runtime.system.scope
    )
    over = [
        each
        for each in found
        if not_cleared(households[each.match.household_id].care, helpers[each.match.helper_id].helper, work.today)
    ]
    for each in over:
        stop_match(work, each, EndReason.NO_LONGER_ELIGIBLE, work.today)
    if over:
        work.enqueue(REMATCH_JOB, match_ids=[str(each.id) for each in over])
