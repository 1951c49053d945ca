"""What a second person does with a command that waits; carrying it out is the door's, which reaches the services."""

from datetime import timedelta
from uuid import UUID

from chassis.sealing import FieldSealer
from chassis.work import Work
from contracts.gateway.approvals import (
    ApprovalOutcome,
    ApprovalState,
    Approve,
    DeclineApproval,
    TakeBackApproval,
)
from contracts.refusals import NOT_FOUND, Refusal
from gateway.office.refusals import DECIDED_ALREADY, SAME_PERSON
from gateway.office.store import approvals
from gateway.office.store.approvals import Approval, Decision, End
from gateway.office.usecases.somebody_else import had_a_part

CARRIED_OUT_WITHIN = timedelta(seconds=15)
"""By whoever agreed; what is not by then (its gateway died) is taken up by any gateway."""


def approve(work: Work, said: Approve) -> ApprovalOutcome | Refusal:
    """Agree. The door carries it out next; if it dies before, another does."""
    found = _to_decide(work, said.approval_id)
    if isinstance(found, Refusal):
        return found
    due_at = work.now + CARRIED_OUT_WITHIN
    approvals.approve(work.connection, found.id, _decision(work, found.id, said.reason), due_at)
    return ApprovalOutcome(approval_id=found.id, state=ApprovalState.APPROVED)


def decline(work: Work, said: DeclineApproval) -> ApprovalOutcome | Refusal:
    """Say no."""
    found = _to_decide(work, said.approval_id)
    if isinstance(found, Refusal):
        return found
    approvals.decline(work.connection, found.id, _decision(work, found.id, said.reason))
    return ApprovalOutcome(approval_id=found.id, state=ApprovalState.DECLINED)


def take_back(work: Work, asked: TakeBackApproval) -> ApprovalOutcome | Refusal:
    """Whoever asked does not want it any more."""
    found = approvals.find(work.connection, asked.approval_id, within=work.scope)
    if found is None or found.actor_id != work.actor.id:
        return NOT_FOUND
    if not found.awaits(work.now):
        return DECIDED_ALREADY.with_more(state=found.state)
    approvals.end(work.connection, found.id, End(ApprovalState.TAKEN_BACK, work.now))
    return ApprovalOutcome(approval_id=found.id, state=ApprovalState.TAKEN_BACK)


def _to_decide(work: Work, approval_id: UUID) -> Approval | Refusal:
    """What waits, if it is for this actor to decide."""
    found = approvals.find(work.connection, approval_id, within=work.scope)
    if found is None:
        return NOT_FOUND
    if had_a_part(work, found.people):
        return SAME_PERSON
    if work.actor.roles.isdisjoint(found.second_roles):
        return NOT_FOUND
    return found if found.awaits(work.now) else DECIDED_ALREADY.with_more(state=found.state)


def _decision(work: Work, approval_id: UUID, reason: str) -> Decision:
    sealer = FieldSealer(work.runtime.keys.key(approvals.KEY))
    sealed = sealer.seal(reason, approvals.place("sealed_because", approval_id))
    return Decision(work.actor.id, work.now, sealed)
