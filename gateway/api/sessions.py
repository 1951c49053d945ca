"""Signing in and out, and who it is that asks."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from starlette.requests import Request

from chassis import audit
from chassis.ids import new_id
from contracts.actor import Actor, Purpose, Role
from contracts.refusals import Refused
from gateway.api.doors import Doors
from gateway.api.metrics import SIGN_INS
from gateway.api.refusals import PURPOSE_UNKNOWN, SIGN_IN_NEEDED, SIGN_IN_REFUSED
from gateway.api.tokens import LIFE, Bearer, TokenRefused
from gateway.office.store import accounts

PURPOSES = {str(purpose): purpose for purpose in Purpose}


@dataclass(frozen=True)
class Caller:
    """Somebody who is signed in, and the session that says so."""

    actor: Actor
    session: UUID


async def caller(doors: Doors, request: Request) -> Caller:
    """Who asks; Refused without a token of ours whose session is open and whose account is active."""
    now = doors.clock.now()
    try:
        jti, account_id = doors.tokens.read(bearer_of(request) or "", now)
    except TokenRefused:
        raise Refused(SIGN_IN_NEEDED) from None
    account = await doors.transact(lambda connection: accounts.holder(connection, jti, account_id, now))
    if account is None:
        raise Refused(SIGN_IN_NEEDED)
    doors.rates.request(str(account.id))
    return Caller(actor_of(account, purpose_of(request)), jti)


def bearer_of(request: Request) -> str | None:
    """What was sent as `Authorization: Bearer`."""
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    return sent.strip() if scheme.lower() == "bearer" else None


def actor_of(account: accounts.Account, purpose: Purpose | None = None) -> Actor:
    """The account as one who acts."""
    return Actor(
        id=str(account.id),
        roles=frozenset(map(Role, account.roles)),
        area=account.area_code,
        purpose=purpose,
        subject_id=account.subject_id,
    )


def purpose_of(request: Request) -> Purpose | None:
    """The purpose that was stated; Refused if it is none that is known."""
    said = request.headers.get("kith-purpose")
    if said is None:
        return None
    if said not in PURPOSES:
        raise Refused(PURPOSE_UNKNOWN.with_more(purposes=sorted(PURPOSES)))
    return PURPOSES[said]


async def sign_in(doors: Doors, username: str, password: str) -> tuple[str, Bearer]:
    """A token for who knows the password. Refused, after the same work, whatever was wrong."""
    now = doors.clock.now()
    tried = await doors.transact(lambda connection: accounts.count_attempt(connection, username, now))
    right = await doors.passwords.holds(tried[1] if tried else None, password)
    account = tried[0] if tried else None
    if account is None or not right:
        await doors.transact(lambda connection: _record(doors, connection, account, "refused", now))
        SIGN_INS.labels("refused").inc()
        raise Refused(SIGN_IN_REFUSED)
    bearer = Bearer(new_id(), account.id, now, now + LIFE)
    await doors.transact(lambda connection: _open(doors, connection, account, bearer))
    SIGN_INS.labels("done").inc()
    return doors.tokens.issue(bearer), bearer


def _open(doors: Doors, connection: sa.Connection, account: accounts.Account, bearer: Bearer) -> None:
    now, until = bearer.issued_at, bearer.expires_at
    accounts.open_session(connection, bearer.jti, bearer.account_id, now, until)
    _record(doors, connection, account, "done", now)


def _record(
    doors: Doors, connection: sa.Connection, account: accounts.Account | None, outcome: str, now: datetime
) -> None:
    nobody = Actor(id="nobody", roles=frozenset(), area=doors.settings.county)
    entry = audit.Entry.by(
        actor_of(account) if account else nobody,
        now,
        "session.open",
        about=str(account.id) if account else None,
        outcome=outcome,
        decision=None,
    )
    audit.append(connection, [entry])


async def sign_out(doors: Doors, who: Caller) -> None:
    """End the caller's session."""
    now = doors.clock.now()

    def end(connection: sa.Connection) -> None:
        accounts.end_session(connection, who.session, now)
        entry = audit.Entry.by(who.actor, now, "session.end", about=who.actor.id, outcome="done", decision=None)
        audit.append(connection, [entry])

    await doors.transact(end)
