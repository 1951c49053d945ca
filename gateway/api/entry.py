"""Signing in and out, and who one is."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, SecretStr
from starlette.responses import JSONResponse, Response

from contracts.actor import Role
from contracts.messages import Message, View
from gateway.api import sessions
from gateway.api.messages import from_body
from gateway.api.operation import SIGNED_IN, Operation, Visit

OPERATOR = frozenset({Role.OPERATOR})


class SignIn(Message):
    """Who wants in."""

    username: Annotated[str, Field(max_length=64)]
    password: Annotated[SecretStr, Field(max_length=200)]


class Session(View):
    """The token to send as `Authorization: Bearer`, and until when it counts."""

    token: str
    expires_at: datetime
    account_id: UUID


class Me(View):
    """Who is signed in, and what they may see."""

    account_id: str
    roles: tuple[Role, ...]
    area_code: str
    subject_id: UUID | None


def operations() -> list[Operation]:
    """Sessions."""
    tag = "gateway"
    return [
        Operation("session.open", "POST", "/v1/session", 201, "Sign in.", tag, _sign_in,
                  frozenset({401, 413, 415, 422, 429, 500, 503}), open=True, message=SignIn, answer=Session),
        Operation("session.end", "DELETE", "/v1/session", 204, "Sign out.", tag, _sign_out, SIGNED_IN),
        Operation("session.me", "GET", "/v1/me", 200, "Who is signed in.", tag, _me, SIGNED_IN, answer=Me),
    ]  # fmt: skip


async def _sign_in(visit: Visit) -> Response:
    client = visit.request.client
    visit.doors.rates.sign_in(client.host if client else "unknown")
    asked = await from_body(visit, SignIn)
    token, bearer = await sessions.sign_in(visit.doors, asked.username, asked.password.get_secret_value())
    shown = Session(token=token, expires_at=bearer.expires_at, account_id=bearer.account_id)
    return JSONResponse(shown.model_dump(mode="json"), 201)


async def _sign_out(visit: Visit) -> Response:
    await sessions.sign_out(visit.doors, visit.who)
    return Response(status_code=204)


async def _me(visit: Visit) -> Response:
    actor = visit.actor
    shown = Me(
        account_id=actor.id, roles=tuple(sorted(actor.roles)), area_code=actor.area, subject_id=actor.subject_id
    )
    return JSONResponse(shown.model_dump(mode="json"))
