"""When somebody lost what proves who they are."""

from uuid import UUID

from contracts.actor import Role
from contracts.gateway.commands import OPERATOR
from contracts.messages import Command, Done, Route, Second, command


@command(
    "gateway.reset_second_factor",
    resource="second_factor",
    action="reset",
    route=Route("POST", "/v1/accounts/{account_id}/second-factor/reset"),
    answer=Done,
    roles=OPERATOR,
    second=Second(frozenset({Role.OPERATOR, Role.WORKING_GROUP})),
)
class ResetSecondFactor(Command):
    """Take away the second factor of somebody who lost it, and all recovery codes; their sessions end. Two people agree."""

    account_id: UUID
