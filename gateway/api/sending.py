"""A command's way from the door to its service, and into the intake where the service is away (law L3)."""

from dataclasses import dataclass

import sqlalchemy as sa

from chassis.execution import Call, Reply
from chassis.ids import new_id
from chassis.rpc import ServiceAway
from chassis.tracing import child_of
from contracts.refusals import UNAVAILABLE, Refusal, Refused
from gateway.api.doors import Doors
from gateway.api.intake_store import Status
from gateway.api.judging import Decided
from gateway.api.order import Order

AWAY = (503, 504)


@dataclass(frozen=True)
class Sent:
    """What came of a command: the service's reply, or its place in the intake."""

    decided: Decided
    reply: Reply | None = None
    kept: Status | None = None


async def send(doors: Doors, order: Order) -> Sent:
    """Judge and carry out a command, or keep it. Refused if it is not let in, or its service refuses or is away."""

    def decide(connection: sa.Connection) -> tuple[Decided, bool]:
        decided = doors.judging.decide(connection, order)
        return decided, doors.intake.must_wait(connection, order)

    decided, must_wait = await doors.transact(decide)
    if decided.token is None:
        raise Refused(decided.refusal)
    reply = None if must_wait else await carry_out(doors, order, decided.token)
    if reply is not None:
        return Sent(decided, reply=reply)
    if not order.spec.never_blocked:
        raise Refused(UNAVAILABLE)
    kept = await doors.transact(lambda connection: doors.intake.keep(connection, order, doors.clock.now()))
    return Sent(decided, kept=kept)


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
