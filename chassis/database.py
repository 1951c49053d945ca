"""A service's database: its pool, and which of its errors pass by themselves."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_random_exponential

from chassis.logging import logger

SET_SCOPE = sa.text("select set_config('kith.area', :area, true)")
NOTIFY_EVERY_SECONDS = 0.010
ALIVE = {
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
}
"""A server that went silent without closing is given up after 40 s, or 30 s after something was sent to it."""


class ConcurrentChange(Exception):
    """An aggregate's version was no longer the one that was read; the work is tried again."""


def transient(error: BaseException) -> bool:
    """Whether the same work may succeed when it is tried again: deadlock, serialization, version conflict."""
    if isinstance(error, ConcurrentChange):
        return True
    return isinstance(error, DBAPIError) and getattr(error.orig, "pgcode", None) in {"40001", "40P01"}


def away(error: BaseException) -> bool:
    """Whether the server itself is gone, rather than one statement wrong."""
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or (
        isinstance(error, OperationalError) and not getattr(error.orig, "pgcode", None)
    )


again_if_transient = retry(
    retry=retry_if_exception(transient),
    stop=stop_after_attempt(4),
    wait=wait_random_exponential(multiplier=0.01, max=0.2),
    reraise=True,
)
"""Once, and up to three times more."""


class Database:
    """One database with its pool. `poke()` tells the relay that there is something to send."""

    def __init__(self, url: URL, *, pool_size: int = 5) -> None:
        self.url = url
        connecting = {"connect_timeout": 5, **ALIVE}
        self.engine = sa.create_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            pool_timeout=10,
            connect_args=connecting,
            executemany_mode="values_plus_batch",
        )
        self._waking = sa.create_engine(
            url, pool_size=1, pool_timeout=1, pool_reset_on_return=None, isolation_level="AUTOCOMMIT",
            connect_args=connecting,
        )  # fmt: skip
        self.poked: Callable[[], None] = self._notify
        self._last_notify = 0.0

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A transaction without scope: chassis tables only."""
        with self.engine.begin() as connection:
            yield connection

    def poke(self) -> None:
        """After a commit that wrote events."""
        self.poked()

    def _notify(self) -> None:
        if time.monotonic() - self._last_notify < NOTIFY_EVERY_SECONDS:
            return
        self._last_notify = time.monotonic()
        try:
            with self._waking.connect() as connection:
                connection.exec_driver_sql("notify kith_outbox")
        except (DBAPIError, PoolTimeout) as error:  # what was committed stays so; the relay looks by itself, too
            logger().info("relay_not_woken", error=error)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()
        self._waking.dispose()
