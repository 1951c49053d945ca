"""Who it is that asks: the session behind a token, and in whose place it is used."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from starlette.requests import Request

from chassis import audit
from chassis.settings import Settings
from contracts.actor import Actor, Purpose, Role
from contracts.refusals import Refused
from gateway.api.doors import Doors
from gateway.api.refusals import PURPOSE_UNKNOWN, SIGN_IN_NEEDED
from gateway.api.sign_in_refusals import (
    DELEGATION_INVALID,
    DELEGATION_OVER,
    ENROLMENT_NEEDED,
    SECOND_STEP_NEEDED,
    SIGN_IN_ANEW,
    STEP_NOT_DUE,
)
from gateway.api.tokens import TokenRefused
from gateway.office.sign_in_refusals import PERSONALLY
from gateway.office.store import delegations, sessions
from gateway.office.store.accounts import Account
from gateway.office.store.delegations import Delegation
from gateway.office.store.sessions import Session, Stage

PURPOSES = {str(purpose): purpose for purpose in Purpose}
JUST_NOW = timedelta(minutes=10)
NOT_IN = {
    Stage.OPEN: STEP_NOT_DUE,
    Stage.SECOND_STEP: SECOND_STEP_NEEDED,
    Stage.ENROLMENT: ENROLMENT_NEEDED,
}
"""What somebody at this stage of signing in is told about an operation of another stage."""


@dataclass(frozen=True)
class Caller:
    """Somebody who is signed in, and the session that says so. Without one it is no person."""

    actor: Actor
    session: Session | None

    @property
    def stage(self) -> Stage:
        """How far they have signed in."""
        return self.session.stage if self.session else Stage.OPEN

    @property
    def personally(self) -> Session:
        """The session of somebody who acts for nobody but themselves and is alone; Refused for any other."""
        if self.session is None or self.actor.people != {self.actor.id}:
            raise Refused(PERSONALLY)
        return self.session


async def caller(doors: Doors, request: Request) -> Caller:
    """Who asks; Refused without a token of ours whose session is open and whose account is active."""
    now = doors.clock.now()
    try:
        jti, account_id = doors.tokens.read(bearer_of(request) or "", now)
    except TokenRefused:
        raise Refused(SIGN_IN_NEEDED) from None
    held = await doors.share(sessions.holders, sessions.Asked(jti, account_id, now))
    if held is None:
        raise Refused(SIGN_IN_NEEDED)
    account, session = held
    doors.rates.request(str(account.id))
    purpose = purpose_of(request)
    if asked := _delegation_id(request):
        return Caller(await _standing_in(doors, session, asked, purpose), session)
    return Caller(actor_of(account, purpose, session), session)


def bearer_of(request: Request) -> str | None:
    """What was sent as `Authorization: Bearer`."""
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    return sent.strip() if scheme.lower() == "bearer" else None


def actor_of(account: Account, purpose: Purpose | None = None, session: Session | None = None) -> Actor:
    """The account as one who acts."""
    return Actor(
        id=str(account.id),
        roles=frozenset(map(Role, account.roles)),
        area=account.area_code,
        purpose=purpose,
        subject_id=account.subject_id,
        assisted_by=str(session.assisted_by) if session and session.assisted_by else None,
    )


async def _standing_in(doors: Doors, session: Session, asked: UUID, purpose: Purpose | None) -> Actor:
    """The session's holder with roles and area of whom they stand in for today; Refused if they do not."""
    today = doors.clock.today()
    found: Delegation | None = await doors.transact(
        lambda connection: delegations.acting(connection, asked, session.account_id, today)
    )
    if found is None or session.assisted_by is not None:
        raise Refused(DELEGATION_OVER)
    if needs_factor(doors.settings, found.roles) and not session.second_factor:
        raise Refused(ENROLMENT_NEEDED)
    return Actor(
        id=str(found.to_id),
        roles=frozenset(map(Role, found.roles)),
        area=found.area_code,
        purpose=purpose,
        on_behalf_of=str(found.from_id),
    )


def needs_factor(settings: Settings, roles: Iterable[str]) -> bool:
    """Whether somebody with these roles needs a second factor."""
    return settings.second_factor == "required" and not set(roles).isdisjoint(
        settings.second_factor_roles.split(",")
    )


def fresh(doors: Doors, session: Session) -> None:
    """Refused unless somebody signed in with this session just now."""
    if session.issued_at < doors.clock.now() - JUST_NOW:
        raise Refused(SIGN_IN_ANEW)


def on_record(
    doors: Doors, connection: sa.Connection, actor: Actor | None, what: str, about: object, outcome: str = "done"
) -> None:
    """Put something about signing in on record; nobody acts where it is not known who it was."""
    who = actor or Actor(id="nobody", roles=frozenset(), area=doors.settings.county)
    told = None if about is None else str(about)
    entry = audit.Entry.by(who, doors.clock.now(), what, about=told, outcome=outcome, decision=None)
    audit.append(connection, [entry])


def purpose_of(request: Request) -> Purpose | None:
    """The purpose that was stated; Refused if it is none that is known."""
    said = request.headers.get("kith-purpose")
    if said is None:
        return None
    if said not in PURPOSES:
        raise Refused(PURPOSE_UNKNOWN.with_more(purposes=sorted(PURPOSES)))
    return PURPOSES[said]


def _delegation_id(request: Request) -> UUID | None:
    said = request.headers.get("kith-delegation")
    try:
        return UUID(said) if said is not None else None
    except ValueError:
        raise Refused(DELEGATION_INVALID) from None
