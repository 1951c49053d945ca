"""Standing in for somebody: with no more roles, area or days than they may give, and never passed on."""

from datetime import date, timedelta
from uuid import UUID

from chassis.ids import new_id
from chassis.work import Work
from contracts.actor import Role
from contracts.gateway import DelegateRoles, EndDelegation
from contracts.gateway.delegations import DELEGABLE
from contracts.messages import Created, Done
from contracts.refusals import NOT_FOUND, Refusal
from gateway.office.refusals import ROLES_EXCLUDE
from gateway.office.sign_in_refusals import DAYS_NOT_ALLOWED, NOT_A_STAND_IN, PERSONALLY, ROLES_NOT_YOURS
from gateway.office.store import accounts, delegations
from gateway.office.store.accounts import Account

EXCLUDING = frozenset({Role.OPERATOR, Role.AUDITOR})


def delegate_roles(work: Work, asked: DelegateRoles) -> Created | Refusal:
    """Let somebody stand in for the actor."""
    if work.actor.people != {work.actor.id}:
        return PERSONALLY
    giver = accounts.by_id(work.connection, UUID(work.actor.id), within=work.scope)
    if giver is None or not asked.roles <= DELEGABLE.intersection(giver.roles):
        return ROLES_NOT_YOURS
    if refusal := _wrong_days(work, asked.first_day, asked.last_day):
        return refusal
    taker = accounts.by_id(work.connection, asked.to_account_id, within=work.scope)
    if taker is None:
        return NOT_FOUND.at("/to_account_id")
    if not _may_stand_in(taker) or taker.id == giver.id:
        return NOT_A_STAND_IN
    if _with_all(work, taker, asked) >= EXCLUDING:
        return ROLES_EXCLUDE
    new = delegations.Delegation(
        new_id(), giver.id, taker.id, tuple(sorted(asked.roles)), asked.area_code, asked.first_day, asked.last_day
    )
    delegations.add(work.connection, new)
    return Created(id=new.id)


def end_delegation(work: Work, asked: EndDelegation) -> Done | Refusal:
    """Either side ends it."""
    if work.actor.people != {work.actor.id}:
        return PERSONALLY
    ended = delegations.end(work.connection, asked.delegation_id, UUID(work.actor.id), work.now)
    return Done() if ended else NOT_FOUND


def _wrong_days(work: Work, first: date, last: date) -> Refusal | None:
    most = work.runtime.settings.delegation_days
    begins = work.today <= first <= work.today + timedelta(days=most)
    lasts = timedelta(0) <= last - first < timedelta(days=most)
    return None if begins and lasts else DAYS_NOT_ALLOWED.with_more(most_days=most)


def _may_stand_in(taker: Account) -> bool:
    return taker.active and not DELEGABLE.isdisjoint(taker.roles)


def _with_all(work: Work, taker: Account, asked: DelegateRoles) -> set[str]:
    """Every role that the taker would hold, in one way or another. Two who give at the same moment wait for each other."""
    accounts.lock(work.connection, taker.id)
    given = delegations.roles_given(work.connection, taker.id, work.today)
    return {*taker.roles, *asked.roles, *given}
