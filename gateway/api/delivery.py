"""Delivers what the intake keeps: one replica at a time, in order per actor, withdrawals first, each command once.

What is about the same thing is never under way twice, so that no "yes" can arrive after its withdrawal.
"""

import asyncio
import heapq
import zlib
from datetime import timedelta

import anyio.to_thread
import sqlalchemy as sa

from chassis.crash_points import reached
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
LOOK_EVERY = timedelta(seconds=0.5)
AT_ONCE = 8
"""No more than a service has workers: what is beyond would only wait elsewhere."""

PURGE_EVERY = timedelta(hours=1)
AWAY_FOR = timedelta(seconds=2)
UNANSWERED_FOR = timedelta(seconds=3)
"""For the command that found its service away: longer than others wait, so that they are tried before it next time."""

FAILED_FOR = tuple(timedelta(seconds=seconds) for seconds in (1, 10, 60, 600))
"""Before a command is tried again that its service failed on; the last counts for all later ones."""


class Round:
    """Delivers what is due: several actors' commands at once, of each actor and about each thing one at a time."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._due: list[tuple[int, bytes, Kept]] = []
        self._under_way: dict[asyncio.Task[bool], Kept] = {}
        self._away: set[str] = set()
        self._looked_at = doors.clock.now() - LOOK_EVERY

    async def run(self) -> int:
        """Until nothing is due; how many are over."""
        over = 0
        try:
            while True:
                await self._look()
                self._start()
                if not self._under_way:
                    return over
                patience = LOOK_EVERY.total_seconds()
                done, _ = await asyncio.wait(self._under_way, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    over += task.result()
                    await self._next_of(self._under_way.pop(task).actor_id)
        finally:
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _look(self) -> None:
        """Whose turn it is, now and then: a withdrawal that came meanwhile overtakes what has not begun."""
        now = self._doors.clock.now()
        if now - self._looked_at < LOOK_EVERY:
            return
        found = await self._doors.transact(lambda connection: intake_store.heads(connection, now))
        busy = {kept.actor_id for kept in self._under_way.values()}
        self._due = [_turn(kept) for kept in found if kept.actor_id not in busy]
        heapq.heapify(self._due)
        self._looked_at = now

    async def _next_of(self, actor_id: str) -> None:
        now = self._doors.clock.now()
        for kept in await self._doors.transact(lambda connection: intake_store.heads(connection, now, actor_id)):
            heapq.heappush(self._due, _turn(kept))

    def _start(self) -> None:
        """Begin with the most urgent ones that need not wait for what is under way."""
        put_aside = []
        while self._due and len(self._under_way) < AT_ONCE:
            turn = heapq.heappop(self._due)
            kept = turn[2]
            if kept.service in self._away:
                continue
            if any(_excluded(kept, other) for other in self._under_way.values()):
                put_aside.append(turn)
            else:
                self._under_way[asyncio.create_task(self._deliver(kept))] = kept
        for turn in put_aside:
            heapq.heappush(self._due, turn)

    async def _deliver(self, kept: Kept) -> bool:
        """Try one; whether it is over."""
        try:
            order = self._doors.intake.open(kept)
        except SealBroken as error:
            logger().error("intake_unreadable", intake=str(kept.id), error=error)
            await self._refused(kept, UNREADABLE)
            return True
        return await self._carry_out(kept, order)

    async def _carry_out(self, kept: Kept, order: Order) -> bool:
        decided = await self._doors.share(self._doors.judging.decide_all, order, area=order.actor.area)
        reached("intake.deliver")
        reply = None if decided.token is None else await carry_out(self._doors, order, decided.token)
        reached("intake.delivered")
        if reply is None:
            await self._unanswered(kept)
            return False
        refusal = refusal_in(reply)
        if refusal is None:
            now = self._doors.clock.now()
            await self._doors.transact(
                lambda connection: self._doors.intake.delivered(connection, kept, reply.answer, now)
            )
        elif refusal.status >= 500:
            await self._failed(kept)
            return False
        else:
            await self._refused(kept, refusal)
        return True

    async def _unanswered(self, kept: Kept) -> None:
        """Its service is away: what else is for that service waits a little too."""
        now, first = self._doors.clock.now(), kept.service not in self._away
        self._away.add(kept.service)

        def later(connection: sa.Connection) -> None:
            if first:
                intake_store.postpone_service(connection, kept.service, now + AWAY_FOR)
            intake_store.postpone(connection, kept.id, now + UNANSWERED_FOR)

        await self._doors.transact(later)

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
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    async def round(self) -> int:
        """Deliver all that is due, unless another replica does; how many are over."""
        await self._measure()
        lock = await anyio.to_thread.run_sync(self._lock)
        if lock is None:
            return 0
        try:
            return await Round(self._doors).run()
        finally:
            await anyio.to_thread.run_sync(_unlock, lock)

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


def _turn(kept: Kept) -> tuple[int, bytes, Kept]:
    """Withdrawals first, then as they came in; ids are in the order of time."""
    return kept.priority, kept.id.bytes, kept


def _excluded(kept: Kept, under_way: Kept) -> bool:
    """Whether one has to wait until the other is over: the same sender, or about the same thing."""
    return kept.actor_id == under_way.actor_id or (kept.about is not None and kept.about == under_way.about)
