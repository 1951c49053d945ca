"""Gauges read from the tables now and then, so that they are true also while nothing moves; months made ahead."""

import threading
import time
from collections.abc import Sequence

import sqlalchemy as sa

from chassis import outbox, outbox_partitions
from chassis.addresses import app_url
from chassis.logging import logger
from chassis.metrics import INBOX_GAP, INBOX_OLDEST, INBOX_WAITING, OUTBOX_OLDEST
from chassis.runtime import Runtime
from chassis.settings import Settings

EVERY_SECONDS = 10.0
MONTHS_EVERY_SECONDS = 3600.0
STATES = ("ahead", "retry", "not_yet", "parked")
"""As in inbox_waiting.state: one that nothing is in shows as 0, so that an alert ends."""

KEPT = sa.text("""
    select state, count(*) as n, cast(extract(epoch from now() - min(since)) as double precision) as age
    from inbox_waiting group by state
""")
OLDEST_GAP = sa.text("""
    select cast(extract(epoch from now() - min(first)) as double precision) from (
        select min(since) as first from inbox_waiting group by source, subject having bool_and(state = 'ahead')
    ) as gaps
""")
"""A subject of which everything waits for its turn lacks what comes first, as in chassis.repairing."""


def watch_inbox(runtime: Runtime) -> None:
    """Set how many events this consumer keeps and how old they are, by reason. For a host's timer."""
    with runtime.database.begin() as connection:
        found = {row.state: row for row in connection.execute(KEPT)}
        gap = connection.scalar(OLDEST_GAP)
    for state in STATES:
        row = found.get(state)
        INBOX_WAITING.labels(runtime.name, state).set(row.n if row else 0)
        INBOX_OLDEST.labels(runtime.name, state).set(row.age if row else 0)
    INBOX_GAP.labels(runtime.name).set(gap or 0)


class OutboxWatch:
    """Sets how old each service's oldest unsent event is. Beside the relay, which cannot tell while it has no broker."""

    def __init__(self, services: Sequence[str], settings: Settings, stop: threading.Event) -> None:
        self._engines = {name: sa.create_engine(app_url(settings, name), pool_size=1) for name in services}
        self._stop = stop
        self._months_due = 0.0

    def run(self) -> None:
        """Look again and again until told to stop. For a thread."""
        while not self._stop.is_set():
            try:
                self.look()
            except sa.exc.DBAPIError as error:
                logger().warning("outbox_watch_waits", error=error)
            self._stop.wait(EVERY_SECONDS)
        for engine in self._engines.values():
            engine.dispose()

    def look(self) -> None:
        """Read every outbox once; each hour see to it that the months to come have their partitions."""
        for name, engine in self._engines.items():
            with engine.connect() as connection:
                OUTBOX_OLDEST.labels(name).set(outbox.oldest_age_seconds(connection))
        if time.monotonic() >= self._months_due:
            self._make_months()
            self._months_due = time.monotonic() + MONTHS_EVERY_SECONDS

    def _make_months(self) -> None:
        for engine in self._engines.values():
            with engine.begin() as connection:
                outbox_partitions.make_ahead(connection)
