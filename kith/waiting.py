"""Wait for what may come up later, saying so in one line instead of a stack trace."""

import math
import sys
import threading
import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from chassis import fingerprint
from chassis.settings import Settings

RETRY_SECONDS = 2.0


def for_database(
    url: str, stop: threading.Event | None = None, seconds: float = math.inf, known_as: str = ""
) -> bool:
    """Until the server answers; False if told to stop or out of patience before. The password is never printed.

    With `known_as`, the name of a service, also until its database is no backup that was loaded without a word.
    """
    parsed = make_url(url)
    engine = sa.create_engine(parsed, connect_args={"connect_timeout": 3}, poolclass=sa.pool.NullPool)
    where = f"{parsed.host or 'socket'}:{parsed.port or 5432}"
    if not until(lambda: _answers(engine), f"PostgreSQL at {where} does not answer", stop, seconds):
        return False
    complaint = str(fingerprint.DatabaseRestored(known_as))
    return not known_as or until(lambda: not _restored(engine), complaint, stop, seconds)


def _restored(engine: sa.Engine) -> bool:
    with engine.begin() as connection:
        return fingerprint.restored(connection)


def _answers(engine: sa.Engine) -> bool:
    try:
        with engine.connect():
            return True
    except sa.exc.OperationalError:
        return False


def until(
    condition: Callable[[], bool], complaint: str, stop: threading.Event | None = None, seconds: float = math.inf
) -> bool:
    """Until the condition holds; complains once every ten tries."""
    stop, end = stop or threading.Event(), time.monotonic() + seconds
    tries = 0
    while not condition():
        if tries % 10 == 0:
            print(f"kith: {complaint}; trying again every {RETRY_SECONDS:.0f} s", file=sys.stderr, flush=True)
        tries += 1
        if stop.wait(RETRY_SECONDS) or time.monotonic() > end:
            return False
    return True


def within(condition: Callable[[], bool], seconds: float, interval: float = 0.05) -> bool:
    """Whether the condition came to hold before the time was over."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(interval)
    return True


def server_url(settings: Settings) -> str:
    """Where the installation's database server is."""
    return settings.database_url.get_secret_value()
