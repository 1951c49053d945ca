"""Signing in and out, who one is, and the accounts an operator keeps."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, SecretStr
from starlette.responses import JSONResponse, Response

from contracts.actor import Role
from contracts.area import AreaScope
from contracts.messages import Created, Message, View
from gateway.api import account_store, accounts, sessions
from gateway.api.accounts import NewAccount
from gateway.api.messages import from_body, from_query
from gateway.api.operation import CHANGES, SIGNED_IN, Operation, Visit

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


class AccountRow(View):
    """One account."""

    id: UUID
    username: str
    roles: tuple[Role, ...]
    area_code: str
    subject_id: UUID | None
    active: bool


class AccountPage(View):
    """A page of accounts in the order they were made."""

    items: tuple[AccountRow, ...]
    next_cursor: str | None


class ListAccounts(Message):
    """The accounts in your own area."""

    cursor: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class CloseAccount(Message):
    """Which account is closed."""

    account_id: UUID


def operations() -> list[Operation]:
    """Sessions and accounts."""
    tag = "gateway"
    return [
        Operation("session.open", "POST", "/v1/session", 201, "Sign in.", tag, _sign_in,
                  frozenset({401, 413, 415, 422, 429, 500, 503}), open=True, message=SignIn, answer=Session),
        Operation("session.end", "DELETE", "/v1/session", 204, "Sign out.", tag, _sign_out, SIGNED_IN),
        Operation("session.me", "GET", "/v1/me", 200, "Who is signed in.", tag, _me, SIGNED_IN, answer=Me),
        Operation("account.create", "POST", "/v1/accounts", 201, "Make an account. Nobody is both operator and auditor.",
                  tag, _create, CHANGES, OPERATOR, message=NewAccount, answer=Created),
        Operation("account.list", "GET", "/v1/accounts", 200, "The accounts in your own area.",
                  tag, _list, SIGNED_IN, OPERATOR, message=ListAccounts, answer=AccountPage),
        Operation("account.close", "POST", "/v1/accounts/{account_id}/close", 204, "Close an account; its sessions end at once.",
                  tag, _close, CHANGES, OPERATOR, message=CloseAccount),
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


async def _create(visit: Visit) -> Response:
    new, doors = await from_body(visit, NewAccount), visit.doors
    password_hash = await doors.passwords.hashed(new.password.get_secret_value())
    made = await doors.transact(
        lambda connection: accounts.add_account(connection, doors.clock.now(), new, password_hash, visit.actor)
    )
    return JSONResponse(Created(id=made).model_dump(mode="json"), 201)


async def _list(visit: Visit) -> Response:
    asked = from_query(visit, ListAccounts)
    scope = AreaScope(visit.actor.area)
    found = await visit.doors.transact(
        lambda connection: account_store.page(connection, asked.cursor, asked.limit + 1, within=scope)
    )
    rows = tuple(AccountRow.model_validate(vars(account)) for account in found[: asked.limit])
    more = str(rows[-1].id) if len(found) > asked.limit else None
    return JSONResponse(AccountPage(items=rows, next_cursor=more).model_dump(mode="json"))


async def _close(visit: Visit) -> Response:
    asked, doors = await from_body(visit, CloseAccount), visit.doors
    await doors.transact(
        lambda connection: accounts.close_account(connection, doors.clock.now(), asked.account_id, visit.actor)
    )
    return Response(status_code=204)
