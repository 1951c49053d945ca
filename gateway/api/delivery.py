"""Delivers what the intake keeps: one replica at a time, in order per actor, withdrawals first, each command once."""

import asyncio
import zlib
from datetime import datetime, timedelta

import anyio.to_thread
import sqlalchemy as sa

from chassis.logging import logger
from chassis.sealing import SealBroken
from contracts.refusals import Refusal, Refused
from gateway.api import intake_store
from gateway.api.doors import Doors
from gateway.api.intake_store import Kept
from gateway.api.metrics import INTAKE, INTAKE_OLDEST, INTAKE_WAITING
from gateway.api.order import Order
from gateway.api.refusals import UNREADABLE
from gateway.api.sending import carry_out, refusal_in
from gateway.office.store import family_access, sessions, verdicts

LOCK = zlib.crc32(b"kith-intake")
LOOK_EVERY = 0.5
PURGE_EVERY = timedelta(hours=1)
AWAY_FOR = timedelta(seconds=2)
UNANSWERED_FOR = timedelta(seconds=3)
"""For the command that found its service away: longer than others wait, so that they are tried before it next time."""

FAILED_FOR = tuple(timedelta(seconds=seconds) for seconds in (1, 10, 60, 600))
"""Before a command is tried again that its service failed on; the last counts for all later ones."""


class Delivery:
    """The loop that empties the intake. `round` does what is due now."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._purged_at = doors.clock.now() - PURGE_EVERY

    async def run(self) -> None:
        """Until cancelled: deliver, purge, look again."""
        while True:
            try:
                await self.round()
                await self._purge()
            except (Refused, sa.exc.SQLAlchemyError) as error:
                logger().warning("intake_waits_for_database", error=error)
            except Exception as error:  # whatever one round meets, the next is still due
                logger().error("intake_round_failed", error=error)
            await asyncio.sleep(LOOK_EVERY)

    async def round(self) -> int:
        """Deliver all that is due, unless another replica does; how many are over."""
        await self._measure()
        lock = await anyio.to_thread.run_sync(self._lock)
        if lock is None:
            return 0
        try:
            over = 0
            while heads := await self._heads():
                over += await self._deliver_all(heads)
            return over
        finally:
            await anyio.to_thread.run_sync(_unlock, lock)

    async def _heads(self) -> list[Kept]:
        now = self._doors.clock.now()
        return list(await self._doors.transact(lambda connection: intake_store.heads(connection, now)))

    async def _deliver_all(self, heads: list[Kept]) -> int:
        over, away = 0, set[str]()
        for kept in heads:
            if kept.service not in away:
                delivered = await self._deliver(kept)
                over += delivered
                if not delivered:
                    away.add(kept.service)
        return over

    async def _deliver(self, kept: Kept) -> bool:
        """Try one; False if its service is away."""
        try:
            order = self._doors.intake.open(kept)
        except SealBroken as error:
            logger().error("intake_unreadable", intake=str(kept.id), error=error)
            await self._refused(kept, UNREADABLE)
            return True
        return await self._carry_out(kept, order)

    async def _carry_out(self, kept: Kept, order: Order) -> bool:
        decided = await self._doors.transact(lambda connection: self._doors.judging.decide(connection, order))
        reply = None if decided.token is None else await carry_out(self._doors, order, decided.token)
        now = self._doors.clock.now()
        if reply is None:
            await self._doors.transact(lambda connection: _away(connection, kept, now))
            return False
        refusal = refusal_in(reply)
        if refusal is None:
            await self._doors.transact(
                lambda connection: self._doors.intake.delivered(connection, kept, reply.answer, now)
            )
        elif refusal.status >= 500:
            await self._failed(kept)
        else:
            await self._refused(kept, refusal)
        return True

    async def _refused(self, kept: Kept, refusal: Refusal) -> None:
        now = self._doors.clock.now()
        await self._doors.transact(
            lambda connection: intake_store.finish(connection, kept.id, now, refusal=refusal.wire())
        )
        INTAKE.labels("refused").inc()

    async def _failed(self, kept: Kept) -> None:
        """The service answered, but broke on it: only this actor waits, ever longer."""
        now = self._doors.clock.now()

        def later(connection: sa.Connection) -> None:
            tried = intake_store.attempts(connection, kept.id)
            intake_store.postpone(connection, kept.id, now + FAILED_FOR[min(tried, len(FAILED_FOR) - 1)])

        await self._doors.transact(later)
        logger().error("intake_failed", intake=str(kept.id), command=kept.command)

    async def _measure(self) -> None:
        waiting = await self._doors.transact(intake_store.waiting)
        INTAKE_WAITING.set(waiting.count)
        now = self._doors.clock.now()
        INTAKE_OLDEST.set(max(0.0, (now - (waiting.since or now)).total_seconds()))

    async def _purge(self) -> None:
        """Forget what is older than it is kept, hourly and a bounded piece at a time."""
        now = self._doors.clock.now()
        if now - self._purged_at < PURGE_EVERY:
            return
        oldest = now - timedelta(days=self._doors.settings.verdict_days)
        while await self._doors.transact(lambda connection: verdicts.purge(connection, oldest)):
            await asyncio.sleep(0)
        await self._doors.transact(lambda connection: intake_store.purge(connection, now))
        await self._doors.transact(lambda connection: sessions.purge(connection, now))
        await self._doors.transact(lambda connection: family_access.purge_codes(connection, now))
        self._purged_at = now

    def _lock(self) -> sa.Connection | None:
        """A connection that holds the lock of the loop, or None while another replica has it."""
        connection = self._doors.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.scalar(sa.text("select pg_try_advisory_lock(:key)"), {"key": LOCK}):
            return connection
        connection.close()
        return None


def _unlock(connection: sa.Connection) -> None:
    try:
        connection.execute(sa.text("select pg_advisory_unlock(:key)"), {"key": LOCK})
    finally:
        connection.close()


def _away(connection: sa.Connection, kept: Kept, now: datetime) -> None:
    intake_store.postpone_service(connection, kept.service, now + AWAY_FOR)
    intake_store.postpone(connection, kept.id, now + UNANSWERED_FOR)
