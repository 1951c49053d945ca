"""Standing in for somebody: dated, and never with more than they have."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.actor import Role
from contracts.area import AreaCode
from contracts.messages import Command, Created, Done, Query, Route, View, command, query

DELEGABLE = frozenset(
    {
        Role.VILLAGE_WORKER,
        Role.UNIT_OFFICER,
        Role.TOWNSHIP_OFFICER,
        Role.COUNTY_OFFICER,
        Role.WORKING_GROUP,
        Role.AUDITOR,
        Role.OPERATOR,
    }
)
"""Roles that are held for an area rather than for oneself."""


@command(
    "gateway.delegate_roles",
    resource="delegation",
    action="create",
    route=Route("POST", "/v1/delegations", 201),
    answer=Created,
    roles=DELEGABLE,
)
class DelegateRoles(Command):
    """Let an account of your area stand in for you on these days, with roles and an area of yours. It sends Kith-Delegation with the id."""

    to_account_id: UUID
    roles: Annotated[frozenset[Role], Field(min_length=1)]
    area_code: AreaCode
    first_day: date
    last_day: date


@command(
    "gateway.end_delegation",
    resource="delegation",
    action="end",
    route=Route("POST", "/v1/delegations/{delegation_id}/end"),
    answer=Done,
    roles=DELEGABLE,
)
class EndDelegation(Command):
    """End a delegation that you gave or were given; it counts no more at once."""

    delegation_id: UUID


class DelegationRow(View):
    """One delegation."""

    delegation_id: UUID
    from_account_id: UUID
    to_account_id: UUID
    roles: tuple[Role, ...]
    area_code: str
    first_day: date
    last_day: date
    ended_at: datetime | None


class DelegationList(View):
    """The newest first."""

    items: tuple[DelegationRow, ...]


@query(
    "gateway.list_delegations",
    answer=DelegationList,
    roles=DELEGABLE,
    route=Route("GET", "/v1/delegations"),
)
class ListDelegations(Query):
    """The delegations that you gave and were given."""
