"""A helper leaves, today or on a day announced; their households lose nobody without someone new being looked for."""

from datetime import date
from uuid import UUID

from chassis.work import Work
from contracts.actor import OFFICERS, Role
from contracts.codes import EndReason, LeaveReason
from contracts.messages import Done
from contracts.pairing import HelperLeft, RecordHelperLeaving
from contracts.refusals import NOT_FOUND, Refusal, Refused
from services.pairing.store import matches, ranges, register
from services.pairing.store.register import Registered
from services.pairing.usecases.refusals import HELPER_HAS_LEFT
from services.pairing.usecases.rematching import REMATCH_JOB
from services.pairing.usecases.stopping import stop_match

RECORDERS = OFFICERS | {Role.UNIT_OFFICER, Role.SYSTEM}


def record_helper_leaving(work: Work, command: RecordHelperLeaving) -> Done | Refusal:
    """Leaving is never held up. A day to come is noted and carried out then; it may be noted anew until it has come."""
    known = _helper(work, command.helper_id)
    if not known.helper.active:
        return HELPER_HAS_LEFT
    if command.left_on > work.today:
        register.change_helper(
            work,
            known,
            within=work.runtime.system.scope,
            leaves_on=command.left_on,
            leave_reason=command.reason,
        )
    else:
        _leave(work, known, command.left_on, command.reason)
    return Done()


def carry_out_leaving(work: Work, helper_id: UUID) -> None:
    """The announced day has come."""
    within = work.runtime.system.scope
    known = register.lock_helpers(work, [helper_id], within=within).get(helper_id)
    if known and known.helper.active and known.leaves_on and known.leaves_on <= work.today:
        _leave(work, known, known.leaves_on, known.leave_reason or LeaveReason.NOT_SAID)


def leaving_today(work: Work) -> tuple[UUID, ...]:
    """Whose announced day has come."""
    return register.leaving_by(work, work.today, within=work.runtime.system.scope)


def _helper(work: Work, helper_id: UUID) -> Registered:
    """The helper, locked, if it is one of the actor's area or the actor. Refused otherwise."""
    county = work.runtime.system.scope
    own = work.actor.has(Role.HELPER) and work.actor.subject_id == helper_id
    in_area = work.actor.has(*RECORDERS) and register.find_helper(work, helper_id, within=work.scope)
    if not (own or in_area):
        raise Refused(NOT_FOUND)
    known = register.lock_helpers(work, [helper_id], within=ranges.look_across(work, within=county))
    if not known:
        raise Refused(NOT_FOUND)
    return known[helper_id]


def _leave(work: Work, known: Registered, left_on: date, reason: LeaveReason) -> None:
    within = work.runtime.system.scope
    register.change_helper(
        work, known, within=within, active=False, leaves_on=None, left_on=left_on, leave_reason=reason
    )
    work.record(
        HelperLeft(helper_id=known.helper.id, area_code=known.helper.village_code, left_on=left_on, reason=reason)
    )
    over = matches.standing_of_helper(work, known.helper.id, within=within)
    for kept in over:
        stop_match(work, kept, EndReason.HELPER_LEFT, left_on)
    if over:
        work.enqueue(REMATCH_JOB, match_ids=[str(kept.id) for kept in over])
