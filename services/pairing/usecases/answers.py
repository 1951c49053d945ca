"""What the two sides of a proposal say: yes and yes make a pair, one no is enough for none."""

from dataclasses import dataclass
from uuid import UUID

from chassis.work import Work
from contracts.actor import OFFICERS, Actor, Role
from contracts.codes import DeclineReason, Side
from contracts.messages import Done
from contracts.pairing import (
    AcceptAsHelper,
    AcceptAsHousehold,
    DeclineMatch,
    HelperAccepted,
    MatchActivated,
    MatchDeclined,
)
from contracts.refusals import CONSENT_MISSING, NOT_FOUND, Refusal, Refused
from services.pairing.model import Helper, HouseholdCare
from services.pairing.rules import household_may_not, not_cleared
from services.pairing.store import care, matches, ranges, register
from services.pairing.store.matches import Kept
from services.pairing.usecases.refusals import HELPER_HAS_LEFT, HELPER_NOT_CLEARED, NO_SLOT_LEFT
from services.pairing.usecases.rematching import NEXT_JOB


@dataclass(frozen=True)
class Asked:
    """A proposal with both its sides, held until the transaction ends."""

    kept: Kept
    household: HouseholdCare
    helper: Helper
    carries: int


def accept_as_helper(work: Work, command: AcceptAsHelper) -> Done | Refusal:
    """The helper's yes; now the household is asked."""
    asked = _asked(work, command.match_id, Side.HELPER)
    after = asked.kept.match.accept_as_helper(work.today)
    if isinstance(after, Refusal):
        return after
    if refusal := _may_not_go_on(work, asked):
        return refusal
    matches.change_match(work, asked.kept, after, within=work.runtime.system.scope)
    work.record(
        HelperAccepted(
            match_id=after.id,
            household_id=after.household_id,
            helper_id=after.helper_id,
            area_code=after.area_code,
            accepted_on=work.today,
        )
    )
    return Done()


def accept_as_household(work: Work, command: AcceptAsHousehold) -> Done | Refusal:
    """The household's yes: the pair stands, in the rhythm that the household wishes."""
    asked = _asked(work, command.match_id, Side.HOUSEHOLD)
    after = asked.kept.match.accept_as_household(work.today)
    if isinstance(after, Refusal):
        return after
    if refusal := _may_not_go_on(work, asked):
        return refusal
    matches.change_match(work, asked.kept, after, within=work.runtime.system.scope, rhythm=command.rhythm)
    work.record(
        MatchActivated(
            match_id=after.id,
            household_id=after.household_id,
            helper_id=after.helper_id,
            helper_kind=asked.kept.helper_kind,
            area_code=after.area_code,
            started_on=work.today,
            rhythm=command.rhythm,
            replaces=after.replaces,
        )
    )
    return Done()


def decline_match(work: Work, command: DeclineMatch) -> Done | Refusal:
    """One side's no, remembered for these two. The next best is looked for, unless the household wishes nobody."""
    asked = _asked(work, command.match_id, command.by)
    after = asked.kept.match.decline(command.by, command.reason, work.today)
    if isinstance(after, Refusal):
        return after
    matches.change_match(work, asked.kept, after, within=work.runtime.system.scope)
    work.record(
        MatchDeclined(
            match_id=after.id,
            household_id=after.household_id,
            helper_id=after.helper_id,
            area_code=after.area_code,
            declined_on=work.today,
            by=command.by,
            reason=command.reason,
        )
    )
    if (command.by, command.reason) != (Side.HOUSEHOLD, DeclineReason.NO_LONGER_WISHED):
        work.enqueue(NEXT_JOB, match_ids=[str(after.id)])
    return Done()


def _asked(work: Work, match_id: UUID, side: Side) -> Asked:
    """The proposal and its sides, locked in the order household, helper, pair. Refused if it is not the actor's."""
    found = _find(work, match_id, side)
    within = ranges.look_across(work, within=work.runtime.system.scope)
    household = care.lock_households(work, [found.match.household_id], within=within)
    helper = register.lock_helpers(work, [found.match.helper_id], within=within)
    kept = matches.find_match(work, match_id, within=within, lock=True)
    if kept is None or not household or not helper:
        raise Refused(NOT_FOUND)
    carried = matches.carried(work, within=within, helpers=helper)
    one, other = household[found.match.household_id], helper[found.match.helper_id]
    return Asked(kept, one.care, other.helper, carried.get(other.helper.id, 0))


def _find(work: Work, match_id: UUID, side: Side) -> Kept:
    """An officer answers for people of their area (assisted); a helper or family member for themselves alone."""
    officer = work.actor.has(*OFFICERS, Role.SYSTEM)
    within = work.scope if officer else ranges.look_across(work, within=work.runtime.system.scope)
    found = matches.find_match(work, match_id, within=within)
    if found is None or not (officer or _is_own(work.actor, found, side)):
        raise Refused(NOT_FOUND)
    return found


def _is_own(actor: Actor, kept: Kept, side: Side) -> bool:
    if side is Side.HELPER:
        return actor.has(Role.HELPER) and actor.subject_id == kept.match.helper_id
    return actor.has(Role.FAMILY_MEMBER) and actor.subject_id == kept.match.household_id


def _may_not_go_on(work: Work, asked: Asked) -> Refusal | None:
    """What was true when it was proposed may not be so today; consent is asked for anew each time (L1)."""
    if household_may_not(asked.household):
        return CONSENT_MISSING
    if not asked.helper.active:
        return HELPER_HAS_LEFT
    if not_cleared(asked.household, asked.helper, work.today):
        return HELPER_NOT_CLEARED
    return NO_SLOT_LEFT if asked.carries > asked.helper.capacity else None
