"""A command's way from the door to its service, into the intake where that is away (law L3), or to a second person."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from chassis.crash_points import reached
from chassis.execution import Call, Reply
from chassis.ids import new_id
from chassis.rpc import ServiceAway
from chassis.tracing import child_of
from contracts.refusals import UNAVAILABLE, Refusal, Refused
from gateway.api.doors import Doors
from gateway.api.intake_store import Status
from gateway.api.judging import Decided
from gateway.api.order import Order
from gateway.office.store import verdicts
from gateway.office.store.approvals import Approval

AWAY = (503, 504)


@dataclass(frozen=True)
class Sent:
    """What came of a command: the service's reply, its place in the intake, or that it waits for a second person."""

    decided: Decided
    reply: Reply | None = None
    kept: Status | None = None
    waits: Approval | None = None


async def send(doors: Doors, order: Order) -> Sent:
    """Judge and carry out a command, or keep it. Refused if it is not let in, or its service refuses or is away."""

    decided, must_wait = await doors.share(_decide, (doors, order), area=order.actor.area)
    if decided.token is None:
        raise Refused(decided.refusal)
    if order.needs_second:
        return Sent(decided, waits=await _for_somebody_else(doors, order, decided))
    reply = None if must_wait else await carry_out(doors, order, decided.token)
    if reply is not None:
        if (reply.refusal is not None or reply.repeated) and doors.judging.is_one_too_many(decided):
            await doors.transact(lambda connection: verdicts.forget(connection, decided.verdict.id))
        return Sent(decided, reply=reply)
    if not order.spec.never_blocked:
        raise Refused(UNAVAILABLE)
    kept = await doors.transact(lambda connection: doors.intake.keep(connection, order, doors.clock.now()))
    reached("intake.kept")
    return Sent(decided, kept=kept)


def _decide(connection: sa.Connection, asked: Sequence[tuple[Doors, Order]]) -> list[tuple[Decided, bool]]:
    """All orders come from people of one area to one door."""
    doors, orders = asked[0][0], [order for _, order in asked]
    decided = doors.judging.decide_all(connection, orders)
    return list(zip(decided, doors.intake.must_wait(connection, orders), strict=True))


async def _for_somebody_else(doors: Doors, order: Order, decided: Decided) -> Approval:
    decision, now = decided.verdict.id, doors.clock.now()
    return await doors.transact(
        lambda connection: doors.approvals.keep(connection, order, decision, now), area=order.actor.area
    )


async def carry_out(doors: Doors, order: Order, token: str) -> Reply | None:
    """The service's reply, a refusal too; None if it is away."""
    call = Call(
        id=new_id(),
        name=order.name,
        body=order.body,
        actor=order.actor,
        deadline=doors.clock.now().timestamp() + doors.settings.call_timeout,
        idempotency_key=order.idempotency_key,
        verdict=token,
        traceparent=child_of(order.traceparent),
    )
    try:
        reply = await doors.services.call(order.service, call)
    except ServiceAway:
        return None
    return None if reply.refusal is not None and reply.refusal["status"] in AWAY else reply


def refusal_in(reply: Reply) -> Refusal | None:
    """The service's no, if it is one."""
    return None if reply.refusal is None else Refusal.from_wire(reply.refusal)
