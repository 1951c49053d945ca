"""When somebody lost their second factor."""

from chassis.work import Work
from contracts.gateway import ResetSecondFactor
from contracts.messages import Done
from contracts.refusals import NOT_FOUND, Refusal
from gateway.office.store import accounts, factors


def reset_second_factor(work: Work, asked: ResetSecondFactor) -> Done | Refusal:
    """They sign in with the password alone once more, and set up a new one before anything else where it is required."""
    account = accounts.by_id(work.connection, asked.account_id, within=work.scope)
    if account is None or not factors.forget(work.connection, account.id):
        return NOT_FOUND
    accounts.end_sessions(work.connection, account.id, work.now)
    return Done()
