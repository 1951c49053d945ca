"""How one signs in oneself: second factor, password, and the sessions that stand. Nobody does it for somebody else."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, SecretStr
from starlette.responses import JSONResponse, Response

from contracts.gateway.commands import Password
from contracts.messages import Message, View
from contracts.refusals import NOT_FOUND, Refusal, Refused
from gateway.api import entry, signing_in
from gateway.api.doors import Doors
from gateway.api.messages import from_body, from_query
from gateway.api.operation import CHANGES, SIGNED_IN, Operation, Visit
from gateway.api.sessions import Caller, fresh, on_record
from gateway.api.sign_in_refusals import CODE_REFUSED, NOT_BEGUN, PASSWORD_REFUSED, PASSWORD_SAME
from gateway.office import proofs
from gateway.office.store import accounts, factors, sessions
from gateway.office.store.accounts import Account
from gateway.office.store.sessions import Origin, Session, Stage

PENDING_FOR = timedelta(minutes=15)
ENROLLING = frozenset({Stage.OPEN, Stage.ENROLMENT})


class Confirm(Message):
    """A code of the authenticator that was just set up."""

    code: Annotated[SecretStr, Field(min_length=6, max_length=6)]


class ChangePassword(Message):
    """The password so far, and the one that counts from now on."""

    current: Annotated[SecretStr, Field(max_length=200)]
    new: Annotated[Password, Field(repr=False)]


class EndOne(Message):
    """Which session is ended."""

    session_id: UUID


class Enrolment(View):
    """What an authenticator reads, as text and as a QR code in SVG. Shown once; it counts once a code confirms it."""

    uri: str
    qr: str


class Enrolled(entry.Session):
    """A whole session, and the ten codes that each count once instead of the authenticator's. Shown once."""

    recovery_codes: tuple[str, ...]


class SessionRow(View):
    """One session that can still be used. `current` is the one that asks."""

    session_id: UUID
    origin: Origin
    issued_at: datetime
    seen_at: datetime
    expires_at: datetime
    assisted_by: UUID | None
    current: bool


class SessionList(View):
    """The newest first."""

    items: tuple[SessionRow, ...]


def operations() -> list[Operation]:
    """One's own second factor, password and sessions."""
    tag = "gateway"
    return [
        Operation("session.begin_factor", "POST", "/v1/second-factor", 201,
                  "Begin to set up a second factor.", tag, _begin, SIGNED_IN, stages=ENROLLING, answer=Enrolment),
        Operation("session.confirm_factor", "POST", "/v1/second-factor/confirmation", 201,
                  "Confirm the second factor with a code; all sessions end, and a whole one is opened.", tag, _confirm,
                  CHANGES, stages=ENROLLING, message=Confirm, answer=Enrolled),
        Operation("session.change_password", "POST", "/v1/password", 204,
                  "Change your password; your other sessions end.", tag, _change_password, CHANGES,
                  message=ChangePassword),
        Operation("session.list", "GET", "/v1/sessions", 200, "Your sessions that can still be used.", tag, _list,
                  SIGNED_IN, answer=SessionList),
        Operation("session.end_all", "DELETE", "/v1/sessions", 204, "End all your sessions, this one too.", tag,
                  _end_all, SIGNED_IN),
        Operation("session.end_one", "DELETE", "/v1/sessions/{session_id}", 204, "End one of your sessions.", tag,
                  _end_one, SIGNED_IN | {404}, message=EndOne),
    ]  # fmt: skip


async def _begin(visit: Visit) -> Response:
    doors, session = visit.doors, visit.who.personally
    fresh(doors, session)
    secret = proofs.new_factor_secret()

    def propose(connection: sa.Connection) -> str:
        account = _account(connection, visit.who)
        until = doors.clock.now() + PENDING_FOR
        factors.propose(connection, account.id, doors.proofs.seal(secret, account.id), until)
        on_record(doors, connection, visit.actor, "session.begin_factor", account.id)
        return proofs.enrolment_uri(secret, account.username)

    uri = await doors.transact(propose)
    return JSONResponse(Enrolment(uri=uri, qr=proofs.qr(uri)).model_dump(mode="json"), 201)


async def _confirm(visit: Visit) -> Response:
    doors, session = visit.doors, visit.who.personally
    code = (await from_body(visit, Confirm)).code.get_secret_value()
    codes = tuple(proofs.random_code(proofs.RECOVERY_LENGTH) for _ in range(proofs.RECOVERY_CODES))

    def confirm(connection: sa.Connection) -> Account | Refusal:
        tried = accounts.count_attempt_of(connection, session.account_id, doors.clock.now())
        refusal = CODE_REFUSED if tried is None else _confirmed(doors, connection, session, code)
        outcome = refusal.code if refusal else "done"
        on_record(doors, connection, visit.actor, "session.confirm_factor", session.account_id, outcome)
        if tried is None or refusal:
            return refusal or CODE_REFUSED
        digests = [doors.proofs.recovery(session.account_id, one) for one in codes]
        factors.keep_recovery_codes(connection, session.account_id, digests)
        accounts.end_sessions(connection, session.account_id, doors.clock.now())
        return tried[0]

    confirmed = await doors.transact(confirm)
    if isinstance(confirmed, Refusal):
        raise Refused(confirmed)
    opened = await signing_in.admit(doors, confirmed, session.origin, second_factor=True)
    shown = Enrolled(**entry.shown(opened).model_dump(), recovery_codes=codes)
    return JSONResponse(shown.model_dump(mode="json"), 201)


def _confirmed(doors: Doors, connection: sa.Connection, session: Session, code: str) -> Refusal | None:
    """Let the proposed secret count if the code is its own; why not, if it may not."""
    now = doors.clock.now()
    sealed = factors.proposed(connection, session.account_id, now)
    if sealed is None:
        return NOT_BEGUN
    if session.stage is Stage.ENROLMENT and factors.confirmed(connection, session.account_id):
        return CODE_REFUSED
    step = proofs.time_step(doors.proofs.open(sealed, session.account_id), code, now)
    if step is None or not factors.confirm(connection, session.account_id, sealed, step, now):
        return CODE_REFUSED
    return None


async def _change_password(visit: Visit) -> Response:
    doors, session = visit.doors, visit.who.personally
    asked = await from_body(visit, ChangePassword)
    current = asked.current.get_secret_value()
    now = doors.clock.now()
    tried = await doors.transact(lambda connection: accounts.count_attempt_of(connection, session.account_id, now))
    refusal = None if await doors.passwords.holds(tried[1] if tried else None, current) else PASSWORD_REFUSED
    if refusal is None and current == asked.new:
        refusal = PASSWORD_SAME
    kept = await doors.passwords.hashed(asked.new) if refusal is None else ""

    def change(connection: sa.Connection) -> None:
        outcome = refusal.code if refusal else "done"
        on_record(doors, connection, visit.actor, "session.change_password", session.account_id, outcome)
        if refusal is PASSWORD_REFUSED:
            return
        accounts.uncount_attempt(connection, session.account_id)
        if refusal is None:
            accounts.set_password(connection, session.account_id, kept)
            sessions.end_others(connection, session.account_id, session.jti, now)

    await doors.transact(change)
    if refusal:
        raise Refused(refusal)
    return Response(status_code=204)


async def _list(visit: Visit) -> Response:
    doors, session = visit.doors, visit.who.personally
    now = doors.clock.now()
    found = await doors.transact(lambda connection: sessions.usable(connection, session.account_id, now))
    rows = tuple(
        SessionRow(
            session_id=one.jti,
            origin=one.origin,
            issued_at=one.issued_at,
            seen_at=seen_at,
            expires_at=one.expires_at,
            assisted_by=one.assisted_by,
            current=one.jti == session.jti,
        )
        for one, seen_at in found
    )
    return JSONResponse(SessionList(items=rows).model_dump(mode="json"))


async def _end_all(visit: Visit) -> Response:
    doors, session = visit.doors, visit.who.personally

    def end(connection: sa.Connection) -> None:
        accounts.end_sessions(connection, session.account_id, doors.clock.now())
        on_record(doors, connection, visit.actor, "session.end_all", session.account_id)

    await doors.transact(end)
    return Response(status_code=204)


async def _end_one(visit: Visit) -> Response:
    doors, session = visit.doors, visit.who.personally
    asked = from_query(visit, EndOne).session_id

    def end(connection: sa.Connection) -> bool:
        ended = sessions.end_session(connection, asked, session.account_id, doors.clock.now())
        if ended:
            sessions.end_assisted(connection, session.account_id, doors.clock.now())
        on_record(doors, connection, visit.actor, "session.end", asked, "done" if ended else NOT_FOUND.code)
        return ended

    if not await doors.transact(end):
        raise Refused(NOT_FOUND)
    return Response(status_code=204)


def _account(connection: sa.Connection, who: Caller) -> Account:
    account = accounts.by_id(connection, who.personally.account_id, within=who.actor.scope)
    if account is None:
        raise Refused(NOT_FOUND)
    return account
