"""Consent as a household, a helper who stands by it, or an officer records it."""

from uuid import UUID

import sqlalchemy as sa

from chassis.work import Work
from contracts.actor import OFFICERS, Role
from contracts.codes import ConsentPurpose
from contracts.households import AnswerConsent, WithdrawConsent
from contracts.messages import Done
from contracts.refusals import NOT_FOUND, Refusal, Refused
from services.households import store
from services.households.model import Relation
from services.households.store import Vault
from services.households.usecases.batch import Batch
from services.households.usecases.consent_rules import (
    SaidIn,
    Standing,
    covers_children,
    guardian_verified,
    withdrawn,
)
from services.households.usecases.consenting import Known, add_consent, add_withdrawal, standing_of

DAY_TO_COME = Refusal(
    "day-to-come",
    422,
    "An answer cannot be given on a day that is still to come",
    "答复日期不能晚于今天",
    "Write the day on which the household answered.",
    "请填写家庭实际答复的日期。",
    pointers=("/answered_on",),
)


def answer_consent(work: Work, command: AnswerConsent) -> Done | Refusal:
    """Take in a yes or no. One that came too late to count is kept in the file and changes nothing."""
    if command.answered_on > work.today:
        return DAY_TO_COME
    household = _own_household(work, command.household_id)
    members = [Vault(work.runtime).open(row) for row in store.members(work, [household.id], within=work.scope)]
    facts = [member.facts for member in members]
    new = Standing(
        answer=command.answer,
        answered_on=command.answered_on,
        said_in=SaidIn.ANSWER,
        given_by=next((member.row.id for member in members if member.row.relation == Relation.HEAD), None),
        guardian_verified=guardian_verified(facts, command.answered_on),
        covers_children=covers_children(facts, command.answered_on),
    )
    batch, known = Batch(), _known(work, household.id, command.purpose)
    if standing_of(known) == new:
        return Done()
    stands = add_consent(batch, household.id, household.area_code, command.purpose, new, known)
    batch.history.append(
        (household.id, household.area_code, "consent-answered" if stands else "consent-answered-late")
    )
    batch.write(work, work.scope)
    return Done()


def withdraw_consent(work: Work, command: WithdrawConsent) -> Done:
    """Take a consent back: always taken, whatever stands; a second time changes nothing."""
    household = _own_household(work, command.household_id)
    known = _known(work, household.id, command.purpose)
    current = standing_of(known)
    if current and current.withdrawn_on == work.today:
        return Done()
    batch = Batch()
    add_withdrawal(batch, household, command.purpose, withdrawn(current, work.today, None), known)
    batch.history.append((household.id, household.area_code, "consent-withdrawn"))
    batch.write(work, work.scope)
    return Done()


def _own_household(work: Work, household_id: UUID) -> sa.Row[object]:
    """The household, held, if the actor may speak for it: an officer of its area, itself, or who stands by it."""
    household = store.find_household(work, household_id, within=work.scope, hold=True)
    if household is None or not (_may_record(work) or _is_own(work, household_id)):
        raise Refused(NOT_FOUND)
    return household


def _may_record(work: Work) -> bool:
    return work.actor.is_system or work.actor.has(*OFFICERS)


def _is_own(work: Work, household_id: UUID) -> bool:
    actor = work.actor
    if actor.subject_id is None:
        return False
    if actor.has(Role.FAMILY_MEMBER) and actor.subject_id == household_id:
        return True
    pairs = store.standing_pairs(work, household_id, within=work.scope)
    return actor.has(Role.HELPER) and actor.subject_id in {pair.helper_id for pair in pairs}


def _known(work: Work, household_id: UUID, purpose: ConsentPurpose) -> Known:
    rows = store.consents(work, [household_id], within=work.scope)
    return next((row for row in rows if row.purpose == purpose), None)
