"""What the front door itself can be told to do: who may sign in."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from contracts.actor import Role
from contracts.area import AreaCode
from contracts.messages import Command, Created, Done, Route, command

OPERATOR = frozenset({Role.OPERATOR})
Username = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{2,63}$")]
Password = Annotated[str, StringConstraints(min_length=12, max_length=200)]


@command(
    "gateway.create_account",
    resource="account",
    action="create",
    route=Route("POST", "/v1/accounts", 201),
    answer=Created,
    roles=OPERATOR,
    personal=frozenset({"username", "password"}),
)
class CreateAccount(Command):
    """Make an account. `subject_id` is the helper or household that a helper or family member is. Nobody is both operator and auditor."""

    username: Username
    password: Annotated[Password, Field(repr=False)]
    roles: Annotated[frozenset[Role], Field(min_length=1)]
    area_code: AreaCode
    subject_id: UUID | None = None


@command(
    "gateway.close_account",
    resource="account",
    action="close",
    route=Route("POST", "/v1/accounts/{account_id}/close"),
    answer=Done,
    roles=OPERATOR,
)
class CloseAccount(Command):
    """Close an account; its sessions end at once."""

    account_id: UUID
