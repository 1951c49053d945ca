"""Timers: something done again and again, by one process at a time."""

import hashlib

import sqlalchemy as sa

from chassis.logging import logger
from chassis.runtime import Runtime
from chassis.service import Timer


def run_once(runtime: Runtime, timer: Timer) -> bool:
    """Run the timer now unless another process is at it; False if one is. What it raises is logged, not passed on."""
    key = int.from_bytes(hashlib.sha256(f"{runtime.name}.{timer.name}".encode()).digest()[:8], "big", signed=True)
    try:
        with runtime.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not connection.scalar(sa.text("select pg_try_advisory_lock(:key)"), {"key": key}):
                return False
            try:
                timer.run(runtime)
            finally:
                connection.execute(sa.text("select pg_advisory_unlock(:key)"), {"key": key})
    except Exception as error:  # the next turn tries again
        logger().error("timer_failed", service=runtime.name, timer=timer.name, error=error)
    return True
