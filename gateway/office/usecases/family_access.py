"""How families come to sign in: their account, one-time codes and cards, from a worker of their own area."""

from datetime import timedelta
from uuid import UUID

from chassis.ids import new_id
from chassis.work import Work
from contracts.actor import Role
from contracts.gateway import (
    CardIssued,
    CodeIssued,
    IssueCard,
    IssueCode,
    OpenFamilyAccount,
    RevokeCard,
    RevokeCode,
)
from contracts.messages import Created, Done
from contracts.refusals import NOT_FOUND, Refusal
from gateway.office import passwords, proofs
from gateway.office.refusals import USERNAME_TAKEN
from gateway.office.store import accounts, family_access
from gateway.office.store.family_access import Issued

CODE_LIFE = timedelta(minutes=15)


def open_family_account(work: Work, asked: OpenFamilyAccount) -> Created | Refusal:
    """The household's account, made without a password if it has none. What it may see, its services decide."""
    found = family_access.family_of(work.connection, asked.household_id, within=work.scope)
    if found:
        return Created(id=found.id)
    home = family_access.home_of(work.connection, asked.household_id, within=work.scope)
    if home is None:
        return NOT_FOUND.at("/household_id")
    username = f"family-{proofs.random_code(10).lower()}"
    new = accounts.Account(new_id(), username, (Role.FAMILY_MEMBER,), home, asked.household_id, active=True)
    return Created(id=new.id) if accounts.add(work.connection, new, passwords.NONE) else USERNAME_TAKEN


def issue_code(work: Work, asked: IssueCode) -> CodeIssued | Refusal:
    """A code for a family of the actor's area."""
    account = family_access.family(work.connection, asked.account_id, within=work.scope)
    if account is None:
        return NOT_FOUND
    code, until = proofs.random_code(proofs.CODE_LENGTH), work.now + CODE_LIFE
    new = _issued(work, account.id, proofs.Proofs(work.runtime.keys).one_time(account.id, code))
    family_access.issue_code(work.connection, new, until)
    return CodeIssued(code_id=new.id, expires_at=until, username=account.username, code=code)


def revoke_code(work: Work, asked: RevokeCode) -> Done | Refusal:
    """A code that was not used yet is over."""
    account = family_access.family(work.connection, asked.account_id, within=work.scope)
    taken = account and family_access.take_back_code(work.connection, account.id, work.now)
    return Done() if taken else NOT_FOUND


def issue_card(work: Work, asked: IssueCard) -> CardIssued | Refusal:
    """A card for a family of the actor's area."""
    account = family_access.family(work.connection, asked.account_id, within=work.scope)
    if account is None:
        return NOT_FOUND
    secret, pin = proofs.random_code(proofs.CARD_LENGTH), proofs.random_pin()
    new = _issued(work, account.id, proofs.Proofs(work.runtime.keys).card(secret))
    family_access.add_card(work.connection, new, passwords.hashed(pin))
    card = proofs.CARD_MARK + secret
    return CardIssued(card_id=new.id, card=card, qr=proofs.qr(card), pin=pin)


def revoke_card(work: Work, asked: RevokeCard) -> Done | Refusal:
    """A card opens nothing any more, and whoever is in by it is out."""
    account_id = family_access.revoke_card(work.connection, asked.card_id, work.now, within=work.scope)
    if account_id is None:
        return NOT_FOUND
    accounts.end_sessions(work.connection, account_id, work.now)
    return Done()


def _issued(work: Work, account_id: UUID, digest: bytes) -> Issued:
    return Issued(new_id(), account_id, digest, work.actor.id, work.now)
