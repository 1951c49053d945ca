"""Signing in and out, and who one is."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, SecretStr
from starlette.responses import JSONResponse, Response

from contracts.actor import OFFICERS, Role
from contracts.messages import Message, View
from contracts.refusals import Refused
from gateway.api import signing_in
from gateway.api.messages import from_body
from gateway.api.operation import SIGNED_IN, Operation, Visit
from gateway.api.refusals import SIGN_IN_NEEDED
from gateway.api.sessions import on_record
from gateway.api.signing_in import Opened
from gateway.office.store import sessions
from gateway.office.store.sessions import Stage

TRIES = frozenset({401, 413, 415, 422, 429, 500, 503})
Code = Annotated[SecretStr, Field(min_length=6, max_length=64)]


class SignIn(Message):
    """Who wants in."""

    username: Annotated[str, Field(max_length=64)]
    password: Annotated[SecretStr, Field(max_length=200)]


class SecondStep(Message):
    """Six digits of the authenticator, or a recovery code."""

    code: Code


class CodeSignIn(Message):
    """A family's account, and the one-time code that it was given."""

    username: Annotated[str, Field(max_length=64)]
    code: Code


class CardSignIn(Message):
    """What stands in the QR code of a family's card, and its PIN."""

    card: Annotated[SecretStr, Field(max_length=128)]
    pin: Annotated[SecretStr, Field(max_length=16)]


class Assist(Message):
    """Whose session a worker opens, the family being there."""

    account_id: UUID
    family_present: Literal[True]


class Session(View):
    """The token to send as `Authorization: Bearer`, until when it counts, and what for.

    `stage` is `open`, or the step that has to be done first: `second_step` or `enrolment`.
    """

    token: str
    expires_at: datetime
    account_id: UUID
    stage: Stage


class Me(View):
    """Who is signed in, and what they may see; for whom they stand in, and who is beside them."""

    account_id: str
    roles: tuple[Role, ...]
    area_code: str
    subject_id: UUID | None
    on_behalf_of: str | None
    assisted_by: str | None
    second_factor: bool


def operations() -> list[Operation]:
    """Sessions."""
    tag, half = "gateway", frozenset({Stage.SECOND_STEP})
    return [
        Operation("session.open", "POST", "/v1/session", 201, "Sign in.", tag, _sign_in, TRIES, open=True,
                  message=SignIn, answer=Session),
        Operation("session.second_step", "POST", "/v1/session/second-step", 201,
                  "Finish signing in with a second factor; the token so far ends.", tag, _second_step, TRIES | {403},
                  stages=half, message=SecondStep, answer=Session),
        Operation("session.open_by_code", "POST", "/v1/session/code", 201,
                  "Sign in as a family, with the one-time code that it was given.", tag, _by_code, TRIES, open=True,
                  message=CodeSignIn, answer=Session),
        Operation("session.open_by_card", "POST", "/v1/session/card", 201,
                  "Sign in as a family, with its card and PIN.", tag, _by_card, TRIES, open=True,
                  message=CardSignIn, answer=Session),
        Operation("session.open_assisted", "POST", "/v1/session/assisted", 201,
                  "Open a session of a quarter of an hour for a family in your area, in its presence.", tag, _assisted,
                  TRIES | {403, 404}, OFFICERS, message=Assist, answer=Session),
        Operation("session.end", "DELETE", "/v1/session", 204, "Sign out.", tag, _sign_out, SIGNED_IN,
                  stages=frozenset(Stage)),
        Operation("session.me", "GET", "/v1/me", 200, "Who is signed in.", tag, _me, SIGNED_IN, answer=Me),
    ]  # fmt: skip


async def _sign_in(visit: Visit) -> Response:
    _count_address(visit)
    asked = await from_body(visit, SignIn)
    return _opened(await signing_in.sign_in(visit.doors, asked.username, asked.password.get_secret_value()))


async def _second_step(visit: Visit) -> Response:
    _count_address(visit)
    asked, half = await from_body(visit, SecondStep), visit.who.personally
    return _opened(await signing_in.second_step(visit.doors, half, asked.code.get_secret_value()))


async def _by_code(visit: Visit) -> Response:
    _count_address(visit)
    asked = await from_body(visit, CodeSignIn)
    return _opened(await signing_in.by_code(visit.doors, asked.username, asked.code.get_secret_value()))


async def _by_card(visit: Visit) -> Response:
    _count_address(visit)
    asked = await from_body(visit, CardSignIn)
    card, pin = asked.card.get_secret_value(), asked.pin.get_secret_value()
    return _opened(await signing_in.by_card(visit.doors, card, pin))


async def _assisted(visit: Visit) -> Response:
    asked = await from_body(visit, Assist)
    return _opened(await signing_in.assisted(visit.doors, visit.who, asked.account_id))


async def _sign_out(visit: Visit) -> Response:
    doors, who = visit.doors, visit.who
    session = who.session
    if session is None:
        raise Refused(SIGN_IN_NEEDED)

    def end(connection: sa.Connection) -> None:
        sessions.end_session(connection, session.jti, session.account_id, doors.clock.now())
        sessions.end_assisted(connection, session.account_id, doors.clock.now())
        on_record(doors, connection, who.actor, "session.end", who.actor.id)

    await doors.transact(end)
    return Response(status_code=204)


async def _me(visit: Visit) -> Response:
    actor, session = visit.actor, visit.who.session
    told = Me(
        account_id=actor.id,
        roles=tuple(sorted(actor.roles)),
        area_code=actor.area,
        subject_id=actor.subject_id,
        on_behalf_of=actor.on_behalf_of,
        assisted_by=actor.assisted_by,
        second_factor=bool(session and session.second_factor),
    )
    return JSONResponse(told.model_dump(mode="json"))


def shown(opened: Opened) -> Session:
    """A session as its holder is told of it."""
    session = opened.session
    return Session(
        token=opened.token, expires_at=session.expires_at, account_id=session.account_id, stage=session.stage
    )


def _opened(opened: Opened) -> Response:
    return JSONResponse(shown(opened).model_dump(mode="json"), 201)


def _count_address(visit: Visit) -> None:
    client = visit.request.client
    visit.doors.rates.sign_in(client.host if client else "unknown")
