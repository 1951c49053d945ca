"""Accounts: made and closed by an operator, or from the `kith` command."""

from chassis.ids import new_id
from chassis.work import Work
from contracts.actor import Role
from contracts.gateway import CloseAccount, CreateAccount
from contracts.messages import Created, Done
from contracts.refusals import NOT_FOUND, OUT_OF_AREA, Refusal
from gateway.office import passwords
from gateway.office.refusals import ROLE_NOT_GIVEN, ROLES_EXCLUDE, SUBJECT_MISSING, USERNAME_TAKEN
from gateway.office.store import accounts, family_access

FOR_SOMEBODY = frozenset({Role.FAMILY_MEMBER, Role.HELPER})
EXCLUDING = frozenset({Role.OPERATOR, Role.AUDITOR})


def create_account(work: Work, new: CreateAccount) -> Created | Refusal:
    """Make an account, if its name is free and its roles go together."""
    if refusal := _wrong(work, new):
        return refusal
    account = accounts.Account(
        new_id(), new.username, tuple(sorted(new.roles)), new.area_code, new.subject_id, active=True
    )
    if not accounts.add(work.connection, account, passwords.hashed(new.password)):
        return USERNAME_TAKEN
    return Created(id=account.id)


def close_account(work: Work, asked: CloseAccount) -> Done | Refusal:
    """Close an account in the actor's area; its sessions end at once, and the cards and codes it gave to families."""
    if not accounts.deactivate(work.connection, asked.account_id, work.now, within=work.scope):
        return NOT_FOUND
    family_access.end_issued_by(work.connection, asked.account_id, work.now)
    return Done()


def _wrong(work: Work, new: CreateAccount) -> Refusal | None:
    if Role.SYSTEM in new.roles:
        return ROLE_NOT_GIVEN
    if new.roles >= EXCLUDING:
        return ROLES_EXCLUDE
    if new.subject_id is None and new.roles & FOR_SOMEBODY:
        return SUBJECT_MISSING
    return None if work.scope.covers(new.area_code) else OUT_OF_AREA.at("/area_code")
