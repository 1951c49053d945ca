"""The loop beside the rules: looks once a second whether they changed, and writes down what was counted of refusals."""

import asyncio

import sqlalchemy as sa

from chassis.logging import logger
from contracts.refusals import Refused
from gateway.api.doors import Doors
from gateway.office.store import verdicts

LOOK_EVERY = 1.0


async def watch(doors: Doors) -> None:
    """Until cancelled."""
    while True:
        try:
            await look(doors)
        except (Refused, sa.exc.SQLAlchemyError) as error:
            logger().warning("rules_wait_for_database", error=error)
        except Exception as error:  # whatever one look meets, the next is still due
            logger().error("rules_not_read", error=error)
        await asyncio.sleep(LOOK_EVERY)


async def look(doors: Doors) -> None:
    """Once."""
    if (found := await doors.transact(doors.rules.news)) is not None:
        doors.rules.hold(found)
    doors.rules.measure()
    counted = doors.judging.refusals.drained()
    if not counted:
        return
    try:
        await doors.transact(lambda connection: verdicts.omit(connection, counted))
    except BaseException:
        doors.judging.refusals.put_back(counted)
        raise
