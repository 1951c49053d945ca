"""The record over HTTP: every service is asked for its own, and what they say is put together, the newest first.

An auditor reads what was done by people of their area. A family reads who looked at its file: roles and purposes, no
names. Reading the record is on record itself, at each service that was asked.
"""

import asyncio
import base64
import binascii
import heapq
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, ValidationError
from starlette.responses import JSONResponse, Response

from chassis import access
from chassis.execution import Call
from chassis.ids import new_id
from chassis.rpc import ServiceAway
from chassis.tracing import child_of
from chassis.wording import refused, wrong
from contracts.actor import Role
from contracts.catalogue import QUERIES, owner
from contracts.instants import Instant
from contracts.messages import Code, Message, Query, View
from contracts.record import ReadRecord, RecordPage, RecordRow
from contracts.refusals import UNAVAILABLE, Refused
from gateway.api import record
from gateway.api.messages import from_query
from gateway.api.operation import ASKS, Operation, Visit
from gateway.api.problems import traceparent
from gateway.api.sending import AWAY, refusal_in

KINDS: Mapping[str, type[ReadRecord]] = {
    owner(kind.spec.name): kind for kind in QUERIES.values() if issubclass(kind, ReadRecord)
}
"""Service -> its query."""

Cursor = Annotated[str | None, Field(max_length=1024)]
Limit = Annotated[int, Field(ge=1, le=200)]


class RecordAsked(Message):
    """Which lines: by whom (`actor` is an account's id), about what, what they did, by which decision (a
    verdict or an emergency), when; of one service or of all."""

    actor: Annotated[str | None, Field(max_length=128)] = None
    about: UUID | None = None
    what: Code | None = None
    decision: UUID | None = None
    since: Instant | None = None
    until: Instant | None = None
    service: Code | None = None
    cursor: Cursor = None
    limit: Limit = 100


class OwnAsked(Message):
    """Which page of what was done about oneself."""

    cursor: Cursor = None
    limit: Limit = 100


class Line(View):
    """One line of a service's record. `number` is its place in that service's chain."""

    service: str
    number: int
    at: datetime
    actor_id: str | None
    on_behalf_of: str | None
    assisted_by: str | None
    roles: tuple[str, ...]
    area_code: str | None
    purpose: str | None
    what: str
    about: str | None
    outcome: str
    decision_id: UUID | None


class Lines(View):
    """A page of the record, the newest first."""

    items: tuple[Line, ...]
    next_cursor: str | None


class OwnLine(View):
    """Somebody looked at your file or changed it: in which role, and for what."""

    service: str
    at: datetime
    roles: tuple[str, ...]
    purpose: str | None
    what: str
    outcome: str


class OwnLines(View):
    """A page of what was done about yourself, the newest first."""

    items: tuple[OwnLine, ...]
    next_cursor: str | None


def operations() -> list[Operation]:
    """The auditor's view, and a family's own."""
    return [
        Operation("record.read", "GET", "/v1/record", 200, "Who read and changed what, for what purpose. In your area.",
                  "gateway", _read, ASKS, frozenset({Role.AUDITOR}), message=RecordAsked, answer=Lines,
                  sends=("Kith-Purpose",)),
        Operation("record.own", "GET", "/v1/record/own", 200, "Who looked at your own file: roles and purposes, no names.",
                  "gateway", _own, ASKS, frozenset({Role.FAMILY_MEMBER}), message=OwnAsked, answer=OwnLines,
                  sends=("Kith-Purpose",)),
    ]  # fmt: skip


async def _read(visit: Visit) -> Response:
    asked = from_query(visit, RecordAsked)
    if asked.service is not None and asked.service not in KINDS:
        raise Refused(refused([wrong("/service", "enum", {"expected": ", ".join(sorted(KINDS))})]))
    services = [asked.service] if asked.service else list(KINDS)
    filters = asked.model_dump(exclude={"service", "cursor", "limit"}, exclude_none=True)
    found, cursor = await _together(visit, services, filters, asked)
    lines = tuple(Line(service=service, **dict(row)) for service, row in found)
    return JSONResponse(Lines(items=lines, next_cursor=cursor).model_dump(mode="json"))


async def _own(visit: Visit) -> Response:
    asked = from_query(visit, OwnAsked)
    found, cursor = await _together(visit, list(KINDS), {}, asked)
    told = OwnLine.model_fields.keys() - {"service"}
    lines = tuple(OwnLine(service=service, **row.model_dump(include=told)) for service, row in found)
    return JSONResponse(OwnLines(items=lines, next_cursor=cursor).model_dump(mode="json"))


async def _together(
    visit: Visit, services: Sequence[str], filters: Mapping[str, Any], asked: RecordAsked | OwnAsked
) -> tuple[list[tuple[str, RecordRow]], str | None]:
    """(service and line, the newest first; where the next page begins). Refused if a service is away: no part is left out."""
    before = _places(asked.cursor)
    visit.doors.rates.file_read(visit.actor.assisted_by or visit.actor.id)
    queries = [KINDS[name](**filters, before=before.get(name), limit=asked.limit + 1) for name in services]
    if refusal := access.refuse(queries[0], visit.actor):
        await record.refused(visit.doors, visit.actor, queries[0].spec.name, refusal)
        raise Refused(refusal)
    pages = await asyncio.gather(*(_ask(visit, query) for query in queries))
    merged = heapq.merge(
        *([(name, row) for row in page.items] for name, page in zip(services, pages, strict=True)),
        key=lambda each: each[1].at,
        reverse=True,
    )
    found = list(merged)
    shown = found[: asked.limit]
    for name, page in zip(services, pages, strict=True):
        if page.items:
            before.setdefault(name, page.items[0].number + 1)
    before |= {name: row.number for name, row in shown}
    return shown, _cursor(before) if len(found) > len(shown) else None


async def _ask(visit: Visit, query: Query) -> RecordPage:
    doors, name = visit.doors, query.spec.name
    call = Call(
        id=new_id(),
        name=name,
        body=query.model_dump(mode="json"),
        actor=visit.actor,
        deadline=doors.clock.now().timestamp() + doors.settings.call_timeout,
        traceparent=child_of(traceparent(visit.request)),
    )
    try:
        reply = await doors.services.call(owner(name), call)
    except ServiceAway:
        raise Refused(UNAVAILABLE) from None
    if refusal := refusal_in(reply):
        raise Refused(UNAVAILABLE if refusal.status in AWAY else refusal)
    return RecordPage.model_validate(reply.answer)


def _cursor(before: Mapping[str, int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(before, separators=(",", ":")).encode()).decode().rstrip("=")


def _places(cursor: str | None) -> dict[str, int]:
    """Service -> the number of its line at which the last page ended; Refused if it is no cursor of ours."""
    if cursor is None:
        return {}
    try:
        found = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        return {name: KINDS[name](before=number).before or 0 for name, number in found.items()}
    except (ValueError, binascii.Error, KeyError, AttributeError, TypeError, ValidationError, RecursionError):
        raise Refused(refused([wrong("/cursor", "cursor")])) from None
