"""How many front doors there are now: each says every few seconds that it lives, and divides allowances by their number.

Counting together would cost each request a round trip. So an actor that goes to all doors has its allowance once; one
that stays at a single door of three has a third of it.
"""

import asyncio

import sqlalchemy as sa

from chassis.ids import new_id
from chassis.logging import logger
from contracts.refusals import Refused
from gateway.api.doors import Doors
from gateway.api.metrics import REPLICAS

LOOK_EVERY = 5.0
SAY = sa.text("""
    insert into replica (id, seen_at) values (:id, now()) on conflict (id) do update set seen_at = excluded.seen_at
""")
FORGET = sa.text("delete from replica where seen_at < now() - interval '1 minute'")
COUNT = sa.text("select count(*) from replica where seen_at > now() - interval '15 seconds'")
LEAVE = sa.text("delete from replica where id = :id")


class Presence:
    """This front door among the others. By the database's clock, so that theirs need not agree."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._id = new_id()

    async def run(self) -> None:
        """Until cancelled; then it leaves, so that the others need not wait until it is missed."""
        try:
            while True:
                await self.look()
                await asyncio.sleep(LOOK_EVERY)
        finally:
            await self._leave()

    async def look(self) -> None:
        """Say that it lives, and see how many do. Without the database the last number stays."""
        try:
            self._doors.rates.replicas = await self._doors.transact(self._count)
        except (Refused, sa.exc.SQLAlchemyError) as error:
            logger().warning("replicas_unknown", error=error)
        REPLICAS.set(self._doors.rates.replicas)

    def _count(self, connection: sa.Connection) -> int:
        connection.execute(SAY, {"id": self._id})
        connection.execute(FORGET)
        return connection.scalar(COUNT) or 1

    async def _leave(self) -> None:
        try:
            await self._doors.transact(lambda connection: connection.execute(LEAVE, {"id": self._id}))
        except (Refused, sa.exc.SQLAlchemyError) as error:
            logger().info("replica_left_unsaid", error=error)
