"""What the front door itself can be told to do: who may sign in."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from contracts.actor import PURPOSES_OF, Role
from contracts.area import AreaCode
from contracts.messages import Command, Created, Done, Route, Second, command

OPERATOR = frozenset({Role.OPERATOR})
Username = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{2,63}$")]
PRIVILEGED = frozenset(PURPOSES_OF) - {Role.SYSTEM} | {Role.OPERATOR}
"""Roles that may look at persons' files, or reach over who reaches what: nobody gives them alone."""

Password = Annotated[str, StringConstraints(min_length=12, max_length=200)]


def _is(one: UUID | None, other: UUID | None) -> bool:
    return one is not None and one == other


@command(
    "gateway.create_account",
    resource="account",
    action="create",
    route=Route("POST", "/v1/accounts", 201),
    answer=Created,
    roles=OPERATOR,
    personal=frozenset({"username", "password"}),
    second=Second(
        frozenset({Role.OPERATOR, Role.WORKING_GROUP, Role.COUNTY_OFFICER}),
        needed=lambda new: not PRIVILEGED.isdisjoint(new.roles),
        needed_from=lambda new, maker: (
            not maker.roles.isdisjoint(new.roles) or _is(new.subject_id, maker.subject_id)
        ),
        sees=frozenset({"username"}),
    ),
)
class CreateAccount(Command):
    """Make an account; one that may look at files or reaches far, or whose role its maker holds, needs a second person. `subject_id` is the helper or household that a helper or family member is. Nobody is both operator and auditor."""

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
