"""Identities at the county's provider: linked to accounts and forgotten by an operator. No account is made by itself."""

from chassis.ids import new_id
from chassis.work import Work
from contracts.gateway import LinkIdentity, UnlinkIdentity
from contracts.messages import Created, Done
from contracts.refusals import NOT_FOUND, Refusal
from gateway.office.refusals import IDENTITY_TAKEN, ISSUER_UNKNOWN
from gateway.office.store import accounts, identities


def link_identity(work: Work, asked: LinkIdentity) -> Created | Refusal:
    """Let an identity open an account of the actor's area."""
    account = accounts.by_id(work.connection, asked.account_id, within=work.scope)
    if account is None or not account.active:
        return NOT_FOUND
    if asked.issuer != work.runtime.settings.oidc_issuer:
        return ISSUER_UNKNOWN
    new = identities.Identity(new_id(), account.id, asked.issuer, asked.subject, work.now)
    return Created(id=new.id) if identities.add(work.connection, new) else IDENTITY_TAKEN


def unlink_identity(work: Work, asked: UnlinkIdentity) -> Done | Refusal:
    """Forget an identity, and end what it may have opened."""
    account_id = identities.remove(work.connection, asked.identity_id, within=work.scope)
    if account_id is None:
        return NOT_FOUND
    accounts.end_sessions(work.connection, account_id, work.now)
    return Done()
