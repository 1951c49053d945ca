"""A writer at a steady pace, as a service's process: one transaction per event. Prints when each commit was done.

`<events per second> <seconds> <subjects> <first subject> <poison per second>`: with poison, one more subject is told
of that its reactions cannot digest.
"""

import json
import sys
import time
from collections import Counter

from chassis.runtime import Runtime
from chassis.settings import Settings
from chassis.work import Work, transact
from contracts.codes import LeaveReason
from contracts.messages import Query
from contracts.pairing import HelperLeft
from tests.load.backbone import telling
from tests.load.backbone.bench_service import POISON, TELLING


class NoPeers:
    """This writer asks nobody."""

    def ask(self, query: Query, actor: object, traceparent: str | None) -> object:
        raise AssertionError("nobody should be asked")


class Writer:
    """Commits events and notes the moment right after each commit, before the relay is told."""

    def __init__(self, first_subject: int, subjects: int) -> None:
        self._runtime = Runtime.of(TELLING, Settings(), NoPeers())  # type: ignore[arg-type]
        self._wake = self._runtime.database.poked
        self._runtime.database.poked = self._committed
        self._first, self._subjects = first_subject, subjects
        self._told: Counter[str] = Counter()
        self._at = 0.0
        self.commits: list[tuple[str, int, float]] = []

    def _committed(self) -> None:
        self._at = time.time()
        self._wake()

    def write(self, number: int) -> None:
        """One event about the next helper."""
        self._tell(telling.subject(self._first + number % self._subjects), LeaveReason.NOT_SAID)

    def poison(self) -> None:
        """One event that no reaction digests, always about the same helper."""
        self._tell(telling.subject(self._first - 1), POISON)

    def _tell(self, helper: object, reason: LeaveReason) -> None:
        sequence = self._told[str(helper)] + 1
        event: HelperLeft = telling.fact(helper, sequence, reason)  # type: ignore[arg-type]

        def do(work: Work) -> None:
            work.record(event)

        transact(self._runtime, self._runtime.system, do)
        self._told[str(helper)] = sequence
        self.commits.append((event.subject, sequence, self._at))


def main() -> None:
    """Write, then print all commits."""
    per_second, seconds, subjects, first, poison_per_second = map(float, sys.argv[1:])
    writer = Writer(int(first), int(subjects))
    start, poisoned = time.perf_counter(), 0
    for number in range(int(per_second * seconds)):
        due = number / per_second
        time.sleep(max(0.0, start + due - time.perf_counter()))
        writer.write(number)
        if poison_per_second and due * poison_per_second > poisoned:
            poisoned += 1
            writer.poison()
    sys.stdout.write(json.dumps({"commits": writer.commits}) + "\n")


if __name__ == "__main__":
    main()
