"""Gauges read from the tables now and then, so that they are true also while nothing moves."""

import threading
from collections.abc import Sequence

import sqlalchemy as sa

from chassis import inbox_store, outbox
from chassis.addresses import app_url
from chassis.logging import logger
from chassis.metrics import INBOX_WAITING, OUTBOX_OLDEST
from chassis.runtime import Runtime
from chassis.settings import Settings

EVERY_SECONDS = 10.0
STATES = ("ahead", "retry", "not_yet", "parked")
"""As in inbox_waiting.state: one that nothing is in shows as 0, so that an alert ends."""


def watch_inbox(runtime: Runtime) -> None:
    """Set how many events this consumer keeps, by reason. For a host's timer."""
    with runtime.database.begin() as connection:
        found = inbox_store.counts(connection)
    for state in STATES:
        INBOX_WAITING.labels(runtime.service.name, state).set(found.get(state, 0))


class OutboxWatch:
    """Sets how old each service's oldest unsent event is. Beside the relay, which cannot tell while it has no broker."""

    def __init__(self, services: Sequence[str], settings: Settings, stop: threading.Event) -> None:
        self._engines = {name: sa.create_engine(app_url(settings, name), pool_size=1) for name in services}
        self._stop = stop

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
        """Read every outbox once."""
        for name, engine in self._engines.items():
            with engine.connect() as connection:
                OUTBOX_OLDEST.labels(name).set(outbox.oldest_age_seconds(connection))
