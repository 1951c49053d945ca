"""Bounds what a flood of refused changes writes: the first of an actor in a minute are kept, the others counted."""

import threading
from collections import Counter
from datetime import datetime, timedelta

from gateway.api.metrics import OMITTED
from gateway.office.store.verdicts import Omitted

KEPT_A_MINUTE = 30
MINUTE = timedelta(minutes=1)


class Refusals:
    """Counts refusals by actor and minute in this process, `kept` of which may be kept. Safe between threads."""

    def __init__(self, kept: int = KEPT_A_MINUTE) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._minute: datetime | None = None
        self._seen: Counter[str] = Counter()
        self._omitted: Counter[tuple[str, datetime, str, str]] = Counter()

    def one_more(self, actor_id: str, command: str, outcome: str, now: datetime) -> bool:
        """Count one more refusal; whether its verdict is to be kept."""
        minute = now.replace(second=0, microsecond=0)
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._seen.clear()
            self._seen[actor_id] += 1
            if self._seen[actor_id] <= self._kept:
                return True
            self._omitted[actor_id, minute, command, outcome] += 1
        OMITTED.labels(outcome).inc()
        return False

    def drained(self) -> list[Omitted]:
        """What was counted since this was last asked; to be written down by whoever asks."""
        with self._lock:
            counted, self._omitted = self._omitted, Counter()
        return [Omitted(*key, count=count) for key, count in sorted(counted.items())]

    def put_back(self, omitted: list[Omitted]) -> None:
        """It could not be written down; count it again."""
        with self._lock:
            for one in omitted:
                self._omitted[one.actor_id, one.minute, one.command, one.outcome] += one.count
