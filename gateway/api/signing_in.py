"""Signing in: by password and second step, by a family's code or card, or with a worker beside."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from chassis.ids import new_id
from contracts.actor import Actor
from contracts.refusals import NOT_FOUND, Refusal, Refused
from gateway.api.doors import Doors
from gateway.api.metrics import SIGN_INS
from gateway.api.refusals import SIGN_IN_REFUSED
from gateway.api.sessions import Caller, actor_of, needs_factor, on_record
from gateway.api.sign_in_refusals import CODE_REFUSED, FAMILY_SIGN_IN_REFUSED
from gateway.api.tokens import LIFE, Bearer
from gateway.office.proofs import DIGITS, time_step
from gateway.office.store import accounts, factors, family_access, sessions
from gateway.office.store.accounts import Account
from gateway.office.store.sessions import Origin, Session, Stage

LIVES = {Stage.OPEN: LIFE, Stage.SECOND_STEP: timedelta(minutes=5), Stage.ENROLMENT: timedelta(minutes=10)}
ASSISTED_LIFE = timedelta(minutes=15)


@dataclass(frozen=True)
class Opened:
    """A session that was just opened, and its token."""

    token: str
    session: Session


async def sign_in(doors: Doors, username: str, password: str) -> Opened:
    """A session for who knows the password. Refused, after the same work, whatever was wrong."""
    now = doors.clock.now()
    tried = await doors.transact(lambda connection: accounts.count_attempt(connection, username, now))
    right = await doors.passwords.holds(tried[1] if tried else None, password)
    if tried is None or not right:
        return await _refuse(doors, tried[0] if tried else None, SIGN_IN_REFUSED)
    return await admit(doors, tried[0], Origin.PASSWORD)


async def admit(doors: Doors, account: Account, origin: Origin, *, second_factor: bool = False) -> Opened:
    """A session for who proved to be this account. Without a second factor, where one is set up or needed, half of one.

    Half of one takes back no more than its own attempt: only a password was counted, a provider's word was not.
    """

    def open_one(connection: sa.Connection) -> Session:
        stage = Stage.OPEN if second_factor else _stage(doors, connection, account)
        if stage is not Stage.OPEN and origin is Origin.PASSWORD:
            accounts.uncount_attempt(connection, account.id)
        return _open(doors, connection, account, _new(doors, account.id, origin, stage, second_factor))

    return _told(doors, await doors.transact(open_one))


async def second_step(doors: Doors, half: Session, code: str) -> Opened:
    """A whole session in place of the half one, for a code of the second factor or a recovery code."""
    now = doors.clock.now()

    def step(connection: sa.Connection) -> tuple[Account | None, Session | None]:
        tried = accounts.count_attempt_of(connection, half.account_id, now)
        if tried is None or not _proved(doors, connection, half.account_id, code, now):
            return (tried[0] if tried else None), None
        if not sessions.end_session(connection, half.jti, half.account_id, now):
            return tried[0], None
        whole = _new(doors, half.account_id, half.origin, Stage.OPEN, True)
        return tried[0], _open(doors, connection, tried[0], whole)

    account, session = await doors.transact(step)
    return _told(doors, session) if session else await _refuse(doors, account, CODE_REFUSED)


def _proved(doors: Doors, connection: sa.Connection, account_id: UUID, code: str, now: datetime) -> bool:
    """Use up the code, if it is one: six digits of the authenticator, or a recovery code."""
    if len(code) != DIGITS:
        return factors.take_recovery_code(connection, account_id, doors.proofs.recovery(account_id, code), now)
    sealed = factors.confirmed(connection, account_id)
    step = time_step(doors.proofs.open(sealed, account_id), code, now) if sealed else None
    return step is not None and factors.take_step(connection, account_id, step)


async def by_code(doors: Doors, username: str, code: str) -> Opened:
    """A session for the family that was given this code."""
    now = doors.clock.now()

    def take(connection: sa.Connection) -> tuple[Account | None, Session | None]:
        tried = accounts.count_attempt(connection, username, now)
        if tried is None:
            return None, None
        account = tried[0]
        if not family_access.take_code(connection, account.id, doors.proofs.one_time(account.id, code), now):
            return account, None
        return account, _open(doors, connection, account, _new(doors, account.id, Origin.CODE))

    account, session = await doors.transact(take)
    return _told(doors, session) if session else await _refuse(doors, account, FAMILY_SIGN_IN_REFUSED)


async def by_card(doors: Doors, secret: str, pin: str) -> Opened:
    """A session for the family whose card this is. While the account is locked the card bears no guesses."""
    now = doors.clock.now()

    def find(connection: sa.Connection) -> tuple[family_access.CardKept, Account] | None:
        card = family_access.card_shown(connection, doors.proofs.card(secret))
        tried = accounts.count_attempt_of(connection, card.account_id, now) if card else None
        if card is None or tried is None or not family_access.count_pin(connection, card.id):
            return None
        return card, tried[0]

    found = await doors.transact(find)
    right = await doors.passwords.holds(found[0].pin_hash if found else None, pin)
    if found is None or not right:
        return await _refuse(doors, found[1] if found else None, FAMILY_SIGN_IN_REFUSED)
    card, account = found

    def open_one(connection: sa.Connection) -> Session | None:
        accounts.lock(connection, account.id)
        if not family_access.card_held(connection, card.id):
            return None
        return _open(doors, connection, account, _new(doors, account.id, Origin.CARD))

    session = await doors.transact(open_one)
    return _told(doors, session) if session else await _refuse(doors, account, FAMILY_SIGN_IN_REFUSED)


async def assisted(doors: Doors, who: Caller, account_id: UUID) -> Opened:
    """A short session of a family in the worker's own area, with the worker beside; Refused for any other account."""
    worker = who.actor

    def open_one(connection: sa.Connection) -> Session | None:
        account = family_access.family(connection, account_id, within=worker.scope)
        if account is None:
            on_record(doors, connection, worker, "session.open_assisted", account_id, NOT_FOUND.code)
            return None
        new = _new(doors, account.id, Origin.ASSISTED)
        new = replace(new, expires_at=new.issued_at + ASSISTED_LIFE, assisted_by=UUID(worker.id))
        return _open(doors, connection, account, new)

    opened = await doors.transact(open_one)
    if opened is None:
        raise Refused(NOT_FOUND)
    return _told(doors, opened)


def _stage(doors: Doors, connection: sa.Connection, account: Account) -> Stage:
    if factors.confirmed(connection, account.id):
        return Stage.SECOND_STEP
    return Stage.ENROLMENT if needs_factor(doors.settings, account.roles) else Stage.OPEN


def _new(
    doors: Doors, account_id: UUID, origin: Origin, stage: Stage = Stage.OPEN, second_factor: bool = False
) -> Session:
    now = doors.clock.now()
    return Session(new_id(), account_id, now, now + LIVES[stage], origin, stage, second_factor)


def _open(doors: Doors, connection: sa.Connection, account: Account, new: Session) -> Session:
    sessions.open_session(connection, new)
    outcome = "done" if new.stage is Stage.OPEN else str(new.stage)
    on_record(doors, connection, actor_of(account, session=new), "session.open", account.id, outcome)
    SIGN_INS.labels(outcome).inc()
    return new


def _told(doors: Doors, session: Session) -> Opened:
    bearer = Bearer(session.jti, session.account_id, session.issued_at, session.expires_at)
    return Opened(doors.tokens.issue(bearer), session)


async def _refuse(doors: Doors, account: Account | None, refusal: Refusal) -> Opened:
    """Put on record that somebody tried, and say no."""
    who: Actor | None = actor_of(account) if account else None
    about = account.id if account else None
    await doors.transact(lambda connection: on_record(doors, connection, who, "session.open", about, "refused"))
    SIGN_INS.labels("refused").inc()
    raise Refused(refusal)
