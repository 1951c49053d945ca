"""Break-glass: a wider look for a few hours, because somebody is in danger; on record, alarmed and reviewed."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.actor import OFFICERS, Purpose, Role
from contracts.area import AreaCode
from contracts.codes import EmergencyReason
from contracts.gateway.approvals import Why
from contracts.messages import Answer, Command, Done, Page, Query, Route, View, command, query

REVIEWERS = frozenset({Role.WORKING_GROUP, Role.AUDITOR})
WATCHERS = OFFICERS | REVIEWERS


class Finding(StrEnum):
    """What a review found."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not_justified"


class EmergencyState(StrEnum):
    """`overdue`: over, and nobody has reviewed it in time."""

    OPEN = "open"
    OVER = "over"
    OVERDUE = "overdue"
    REVIEWED = "reviewed"


class EmergencyOpened(Answer):
    """It has begun. Until then reads with the header `Kith-Purpose: emergency` see the opened area."""

    emergency_id: UUID
    until: datetime


@command(
    "gateway.break_glass",
    resource="emergency",
    action="open",
    route=Route("POST", "/v1/emergencies", 201),
    answer=EmergencyOpened,
    roles=OFFICERS,
    personal=frozenset({"account"}),
)
class BreakGlass(Command):
    """See files of another area at once, for at most four hours, because somebody is in danger. It alarms, every read is on record, and somebody else reviews it."""

    reason: EmergencyReason
    account: Annotated[Why, Field(repr=False)]
    """What happened, in words. Sealed; read by reviewers alone."""

    opened_area: AreaCode
    hours: Annotated[int, Field(ge=1, le=4)] | None = None


@command(
    "gateway.end_emergency",
    resource="emergency",
    action="end",
    route=Route("POST", "/v1/emergencies/{emergency_id}/end"),
    answer=Done,
    roles=OFFICERS | {Role.WORKING_GROUP},
)
class EndEmergency(Command):
    """End an emergency before its time: your own, or that of somebody below you in your area."""

    emergency_id: UUID


@command(
    "gateway.review_emergency",
    resource="emergency",
    action="review",
    route=Route("POST", "/v1/emergencies/{emergency_id}/review"),
    answer=Done,
    roles=REVIEWERS,
    personal=frozenset({"because"}),
)
class ReviewEmergency(Command):
    """Say, as somebody else, whether an emergency that is over was justified. Once."""

    emergency_id: UUID
    finding: Finding
    because: Annotated[Why, Field(repr=False)]


class EmergencyRow(View):
    """One emergency: who, why by its code, where, when, and where its review stands."""

    emergency_id: UUID
    account_id: str
    reason: EmergencyReason
    area_code: str
    opened_area: str
    began_at: datetime
    until: datetime
    ended_at: datetime | None
    state: EmergencyState
    review_until: datetime
    finding: Finding | None
    reviewed_by: str | None
    reviewed_at: datetime | None
    yours: bool


class EmergencyPage(View):
    """A page of them in the order they began."""

    items: tuple[EmergencyRow, ...]
    next_cursor: str | None


class EmergencyFile(EmergencyRow):
    """With what happened in words, and why the review found what it found."""

    account: str
    reviewed_because: str | None


@query("gateway.list_emergencies", answer=EmergencyPage, roles=WATCHERS, route=Route("GET", "/v1/emergencies"))
class ListEmergencies(Page):
    """Your own, and for officers above, working group and auditors those of their area."""

    state: EmergencyState | None = None


@query(
    "gateway.emergency",
    answer=EmergencyFile,
    roles=REVIEWERS,
    route=Route("GET", "/v1/emergencies/{emergency_id}"),
    purposes=frozenset({Purpose.OVERSIGHT}),
)
class GetEmergency(Query):
    """Read what happened in words, for its review. The read is on record."""

    emergency_id: UUID
