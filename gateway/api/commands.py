"""Every command of contracts as an HTTP operation."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from chassis.access import refuse
from chassis.ids import new_id
from contracts.catalogue import COMMANDS, owner
from contracts.gateway.approvals import ApprovalOutcome, ApprovalState, ApprovalTicket, Approve
from contracts.messages import Answer, Command, Edit, Message
from contracts.refusals import NOT_FOUND, Refusal, Refused
from gateway.api import intake_store, record
from gateway.api.approving import perform
from gateway.api.language import negotiated
from gateway.api.messages import from_body, from_query
from gateway.api.operation import ASKS, CHANGES, Operation, Visit
from gateway.api.order import Order
from gateway.api.problems import details, traceparent
from gateway.api.refusals import KEY_INVALID
from gateway.api.sending import Sent, refusal_in, send
from gateway.api.uploads import refuse_foreign
from gateway.api.versions import seen

KEY = re.compile(r"[ -~]{1,128}")
TOLD = ("Idempotency-Key", "Idempotency-Replayed", "Kith-Decision", "Kith-Warnings")


class Ticket(Answer):
    """A command was taken in and is carried out when its service is back."""

    intake_id: UUID
    state: str


class IntakeStatus(BaseModel):
    """Where a command that was taken in stands; `refusal` is a problem document."""

    intake_id: UUID
    command: str
    state: str
    created_at: datetime
    attempts: int
    answer: dict[str, Any] | None
    refusal: dict[str, Any] | None


class IntakeQuery(Message):
    """Which command is asked about."""

    intake_id: UUID


def operations() -> list[Operation]:
    """One per command, and the status of those taken in."""
    status = Operation(
        "intake.status",
        "GET",
        "/v1/intake/{intake_id}",
        200,
        "What became of a command that was taken in while its service was away. Your own only.",
        "gateway",
        _status,
        ASKS,
        message=IntakeQuery,
        answer=IntakeStatus,
    )
    return [*map(_operation, COMMANDS.values()), status]


def _operation(kind: type[Command]) -> Operation:
    spec = kind.spec

    async def endpoint(visit: Visit) -> Response:
        return await _send(visit, kind)

    also: dict[int, type[BaseModel]] = {}
    edits = issubclass(kind, Edit)
    if spec.never_blocked or spec.second:
        also[202] = ApprovalTicket if spec.second else Ticket
    return Operation(
        spec.name,
        spec.route.method,
        spec.route.path,
        spec.route.status,
        (kind.__doc__ or "").strip(),
        owner(spec.name),
        endpoint,
        CHANGES | ({412} if edits else set()),
        spec.roles,
        message=kind,
        answer=spec.answer,
        also=also,
        sends=("Idempotency-Key", "If-Match") if edits else ("Idempotency-Key",),
        told=(*TOLD, "Location") if also else TOLD,
        deprecated=spec.route.deprecated,
    )


async def _send(visit: Visit, kind: type[Command]) -> Response:
    command = seen(visit.request, await from_body(visit, kind))
    order = await ordered(visit, kind, command)
    sent = await send(visit.doors, order)
    headers = {"Kith-Decision": str(sent.decided.verdict.id)}
    if sent.decided.warnings:
        headers["Kith-Warnings"] = sent.decided.warnings
    if isinstance(command, Approve) and _done(sent):
        return await _performed(visit, command, headers)
    return _answered(sent, kind, headers)


def _done(sent: Sent) -> bool:
    return sent.reply is not None and sent.reply.refusal is None


async def _performed(visit: Visit, said: Approve, headers: dict[str, str]) -> Response:
    """What came of the command that was agreed to; while its service is away, that it is on its way."""
    found = await perform(visit.doors, said.approval_id)
    outcome = ApprovalOutcome(
        approval_id=found.id,
        state=ApprovalState(found.state),
        answer=found.answer,
        refusal=_problem(visit, found.refusal),
    )
    if found.decision_id is not None:
        headers["Kith-Decision"] = str(found.decision_id)
    return JSONResponse(outcome.model_dump(mode="json"), 200, headers)


async def ordered(visit: Visit, kind: type[Command], command: Command) -> Order:
    """The command as the caller's order; Refused, and put on record, if it is not theirs to give."""
    if refusal := refuse(command, visit.actor) or await refuse_foreign(visit, command):
        await record.refused(visit.doors, visit.actor, kind.spec.name, refusal)
        raise Refused(refusal)
    return Order(
        name=kind.spec.name,
        body=command.model_dump(mode="json"),
        actor=visit.actor,
        idempotency_key=_key(visit),
        traceparent=traceparent(visit.request),
    )


def _key(visit: Visit) -> str:
    """The sender's key or a new one; the shell sends it back, with a refusal too."""
    said = visit.request.headers.get("idempotency-key", str(new_id()))
    if not KEY.fullmatch(said):
        raise Refused(KEY_INVALID)
    visit.request.state.idempotency_key = said
    return said


def _answered(sent: Sent, kind: type[Command], headers: dict[str, str]) -> Response:
    if sent.kept is not None:
        ticket = Ticket(intake_id=sent.kept.id, state=sent.kept.state)
        where = {"Location": f"/v1/intake/{sent.kept.id}"}
        return JSONResponse(ticket.model_dump(mode="json"), 202, {**headers, **where})
    if sent.waits is not None:
        waits = sent.waits
        shown = ApprovalTicket(approval_id=waits.id, state=ApprovalState(waits.state), until=waits.until)
        where = {"Location": f"/v1/approvals/{waits.id}"}
        return JSONResponse(shown.model_dump(mode="json"), 202, {**headers, **where})
    reply = sent.reply
    if reply is None:
        raise Refused(NOT_FOUND)
    if refusal := refusal_in(reply):
        raise Refused(refusal.with_more(decision_id=str(sent.decided.verdict.id)))
    if reply.repeated:
        headers["Idempotency-Replayed"] = "true"
    return JSONResponse(reply.answer, kind.spec.route.status, headers)


async def _status(visit: Visit) -> Response:
    asked = from_query(visit, IntakeQuery)
    found = await visit.doors.transact(
        lambda connection: intake_store.status(connection, asked.intake_id, visit.actor.id)
    )
    if found is None:
        raise Refused(NOT_FOUND)
    shown = IntakeStatus(
        intake_id=found.id,
        command=found.command,
        state=found.state,
        created_at=found.created_at,
        attempts=found.attempts,
        answer=found.answer,
        refusal=_problem(visit, found.refusal),
    )
    return JSONResponse(shown.model_dump(mode="json"))


def _problem(visit: Visit, wire: dict[str, Any] | None) -> dict[str, Any] | None:
    if wire is None:
        return None
    language = negotiated(visit.request.headers.get("accept-language"))
    return details(Refusal.from_wire(wire), language, traceparent(visit.request))
