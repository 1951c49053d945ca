"""Carries out what a second person agreed to: judged anew, as whoever asked for it, once, whatever dies in between."""

import asyncio
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from chassis import audit
from chassis.crash_points import reached
from chassis.logging import logger
from chassis.sealing import SealBroken
from contracts.actor import Actor
from contracts.area import AreaScope
from contracts.refusals import NOT_FOUND, ROLE_MISSING, Refusal, Refused
from gateway.api.doors import Doors
from gateway.api.metrics import APPROVALS, APPROVALS_WAITING, EMERGENCIES_OPEN, EMERGENCIES_OVERDUE
from gateway.api.order import Order
from gateway.api.refusals import UNREADABLE
from gateway.api.sending import carry_out, refusal_in
from gateway.office.store import accounts, approvals, delegations, emergencies
from gateway.office.store.approvals import APPROVED, Approval, End

LOOK_EVERY = 2.0
AT_ONCE = 50
AGAIN_AFTER = tuple(timedelta(seconds=seconds) for seconds in (2, 10, 60, 600))
"""Before what its service did not carry out is tried again; the last counts for all later times."""


async def perform(doors: Doors, approval_id: UUID) -> Approval:
    """Carry it out if it was approved and is not over yet; where it stands then."""
    found = await _look(doors, approval_id)
    if found.state == APPROVED:
        reached("approval.approved")
        await _perform(doors, found)
        found = await _look(doors, approval_id)
    return found


async def _look(doors: Doors, approval_id: UUID) -> Approval:
    county = AreaScope(doors.settings.county)
    found = await doors.transact(
        lambda connection: approvals.find(connection, approval_id, within=county), area=county.code
    )
    if found is None:
        raise Refused(NOT_FOUND)
    return found


async def _perform(doors: Doors, one: Approval) -> None:
    try:
        order = doors.approvals.open(one)
    except SealBroken as error:
        logger().error("approval_unreadable", approval=str(one.id), error=error)
        nobody = Actor.system("gateway", doors.settings.county)
        await _end(doors, one, nobody, End("refused", doors.clock.now(), refusal=UNREADABLE.wire()))
        return

    def decide(connection: sa.Connection) -> tuple[Refusal | None, UUID | None, str | None]:
        if refusal := _no_longer(connection, order, doors.clock.today(), AreaScope(doors.settings.county)):
            return refusal, None, None
        decided = doors.judging.decide(connection, order)
        return decided.refusal if decided.token is None else None, decided.verdict.id, decided.token

    refusal, decision, token = await doors.transact(decide)
    if refusal is not None or token is None:
        wire = None if refusal is None else refusal.wire()
        await _end(doors, one, order.actor, End("refused", doors.clock.now(), decision, refusal=wire))
        return
    reply = await carry_out(doors, order, token)
    reached("approval.carried_out")
    said = None if reply is None else refusal_in(reply)
    if reply is None or (said is not None and said.status >= 500):
        await _later(doors, one)
        return
    end = End(
        "refused" if said else "done", doors.clock.now(), decision, reply.answer, said.wire() if said else None
    )
    await _end(doors, one, order.actor, end)


def _no_longer(connection: sa.Connection, order: Order, today: date, county: AreaScope) -> Refusal | None:
    """Why whoever asked may not do it any more, or None: an account was closed, lost its role, or the delegation is over or less."""
    actor = order.actor
    account, roles = accounts.by_id(connection, UUID(actor.id), within=county), actor.roles & order.spec.roles
    if account is None or not account.active:
        return ROLE_MISSING
    if actor.on_behalf_of is None:
        return None if order.spec.roles.intersection(account.roles) else ROLE_MISSING
    giver = UUID(actor.on_behalf_of)
    may = delegations.still_acting(connection, giver, account.id, roles, actor.area, today)
    return None if may else ROLE_MISSING


async def _end(doors: Doors, one: Approval, actor: Actor, end: End) -> None:
    """Over: both people are on the record, the second by the approval that the line names."""

    def write(connection: sa.Connection) -> None:
        if approvals.end(connection, one.id, end):
            code = "done" if end.refusal is None else end.refusal["code"]
            entry = audit.Entry.by(
                actor, end.at, one.command, about=str(one.id), outcome=code, decision=end.decision_id
            )
            audit.append(connection, [entry])
            APPROVALS.labels(end.state).inc()

    await doors.transact(write, area=doors.settings.county)


async def _later(doors: Doors, one: Approval) -> None:
    until = doors.clock.now() + AGAIN_AFTER[min(one.attempts, len(AGAIN_AFTER) - 1)]
    county = doors.settings.county
    await doors.transact(lambda connection: approvals.postpone(connection, one.id, until), area=county)


class Watch:
    """The loop beside the door: what was approved and left undone, what nobody decided, and how many emergencies there are."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.round()
            except (Refused, sa.exc.SQLAlchemyError) as error:
                logger().warning("approvals_wait_for_database", error=error)
            except Exception as error:  # whatever one round meets, the next is still due
                logger().error("approvals_round_failed", error=error)
            await asyncio.sleep(LOOK_EVERY)

    async def round(self) -> None:
        """Once."""
        now = self._doors.clock.now()
        due = await self._doors.transact(lambda connection: self._tidy(connection, now), area=self._county)
        for approval_id in due:
            await perform(self._doors, approval_id)

    @property
    def _county(self) -> str:
        return self._doors.settings.county

    def _tidy(self, connection: sa.Connection, now: datetime) -> list[UUID]:
        """What is due, after what is over was ended and all was counted."""
        over = approvals.expire(connection, now)
        APPROVALS.labels("expired").inc(len(over))
        approvals.purge(connection, now)
        for state, count in {"waiting": 0, APPROVED: 0, **approvals.waiting(connection)}.items():
            APPROVALS_WAITING.labels(state).set(count)
        settings = self._doors.settings
        found = emergencies.count(connection, now, now - timedelta(days=settings.emergency_review_days))
        EMERGENCIES_OPEN.set(found.open)
        EMERGENCIES_OVERDUE.set(found.overdue)
        due = list(approvals.due(connection, now, AT_ONCE))
        entries = [
            audit.Entry.by(
                Actor.system("gateway", settings.county),
                now,
                "approval.expire",
                about=str(approval_id),
                outcome="expired",
                decision=None,
            )
            for approval_id in over
        ]
        audit.append(connection, entries)
        return due
