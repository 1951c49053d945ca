"""What waits for a second person: looked at, agreed to, declined or taken back."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from contracts.actor import OFFICERS, Role
from contracts.messages import Answer, Command, Page, Query, Route, View, command, query

STAFF = OFFICERS | {Role.UNIT_OFFICER, Role.WORKING_GROUP, Role.AUDITOR, Role.OPERATOR}
"""Who may be a first or a second person; what is waiting says itself which of these roles it asks for."""

Why = Annotated[str, StringConstraints(min_length=3, max_length=500, strip_whitespace=True)]


class ApprovalState(StrEnum):
    """`approved` is on its way to its service; `done` and `refused` are what came of that."""

    WAITING = "waiting"
    APPROVED = "approved"
    DONE = "done"
    REFUSED = "refused"
    DECLINED = "declined"
    TAKEN_BACK = "taken_back"
    EXPIRED = "expired"


class ApprovalTicket(Answer):
    """The command is kept, sealed, until somebody else agrees; it ends by itself at `until`."""

    approval_id: UUID
    state: ApprovalState
    until: datetime


class ApprovalOutcome(Answer):
    """What came of it. While its service is away the state is `approved` and it is carried out later, once."""

    approval_id: UUID
    state: ApprovalState
    answer: dict[str, Any] | None = None
    refusal: dict[str, Any] | None = None


@command(
    "gateway.approve",
    resource="approval",
    action="approve",
    route=Route("POST", "/v1/approvals/{approval_id}/approve"),
    answer=ApprovalOutcome,
    roles=STAFF,
    personal=frozenset({"reason"}),
)
class Approve(Command):
    """Agree, as somebody else, to what waits. It is judged anew and carried out, once, as whoever asked for it."""

    approval_id: UUID
    reason: Annotated[Why, Field(repr=False)]


@command(
    "gateway.decline_approval",
    resource="approval",
    action="decline",
    route=Route("POST", "/v1/approvals/{approval_id}/decline"),
    answer=ApprovalOutcome,
    roles=STAFF,
    personal=frozenset({"reason"}),
)
class DeclineApproval(Command):
    """Say no, as somebody else, to what waits; it is never carried out."""

    approval_id: UUID
    reason: Annotated[Why, Field(repr=False)]


@command(
    "gateway.take_back_approval",
    resource="approval",
    action="take_back",
    route=Route("POST", "/v1/approvals/{approval_id}/take-back"),
    answer=ApprovalOutcome,
    roles=STAFF,
)
class TakeBackApproval(Command):
    """Take back what you asked for yourself and nobody has agreed to yet."""

    approval_id: UUID


class ApprovalRow(View):
    """One command that asked for a second person. `about` are the ids in it, `reason` the one that it states itself."""

    approval_id: UUID
    command: str
    state: ApprovalState
    asked_by: str
    asked_for: str | None
    area_code: str
    about: dict[str, UUID]
    reason: str | None
    since: datetime
    until: datetime
    yours: bool


class ApprovalPage(View):
    """A page of them in the order they were asked for."""

    items: tuple[ApprovalRow, ...]
    next_cursor: str | None


class ApprovalFile(ApprovalRow):
    """All that the second person is shown: what the command says, of its personal fields those that one has to see to agree, and what came of it."""

    says: dict[str, Any]
    second_roles: tuple[Role, ...]
    decided_by: str | None
    decided_at: datetime | None
    decided_because: str | None
    decision_id: UUID | None
    answer: dict[str, Any] | None
    refusal: dict[str, Any] | None


@query("gateway.list_approvals", answer=ApprovalPage, roles=STAFF, route=Route("GET", "/v1/approvals"))
class ListApprovals(Page):
    """What you asked for yourself, and what waits in your area for somebody with a role of yours."""

    state: ApprovalState | None = None


@query("gateway.approval", answer=ApprovalFile, roles=STAFF, route=Route("GET", "/v1/approvals/{approval_id}"))
class GetApproval(Query):
    """Look at one of them before you decide, or at what came of it."""

    approval_id: UUID
