"""What the writer asked for and what it was answered: commands too are promises."""

import threading
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.chaos.checker import read

KEPT = "select actor_id, key, answer from idempotency where answer ? 'id'"
VISITS = "select visit_id::text from visit"
INTAKE = "select id::text, state, answer ->> 'id' from intake"


@dataclass
class Asked:
    """One command under one idempotency key. `status` 0: nobody answered."""

    what: str
    key: str
    never_blocked: bool
    status: int = 0
    id: str | None = None
    """Of what was made, if it was answered 201; of the place in the intake, if 202."""

    tries: int = 0


@dataclass
class Ledger:
    """Every command of a run, put down by many threads."""

    asked: list[Asked] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, asked: Asked) -> None:
        with self._lock:
            self.asked.append(asked)

    def by_status(self) -> dict[str, int]:
        """How many of each kind were answered how."""
        found = Counter(f"{asked.what} {asked.status or 'unanswered'}" for asked in self.asked)
        return dict(sorted(found.items()))

    def rows(self) -> list[dict[str, Any]]:
        return [asdict(asked) for asked in self.asked]


@dataclass
class Kept:
    """What became of the commands that were answered with a yes."""

    promised: int = 0
    missing: list[str] = field(default_factory=list)
    """Visits that were answered 201, or taken in and delivered, and are not there; and what still waits."""

    repeated: list[str] = field(default_factory=list)
    """Visits that no key stands for: carried out a second time."""

    @property
    def clean(self) -> bool:
        return not (self.missing or self.repeated)


def check(ledger: Ledger, activities: str, gateway: str) -> Kept:
    """Every visit that was promised is there, once. Plain SQL on the two databases."""
    visits = {row[0] for row in read(activities, VISITS)}
    intake = {row[0]: row[1:] for row in read(gateway, INTAKE)}
    answers = {answer["id"] for _, _, answer in read(activities, KEPT)}
    found = Kept()
    for asked in ledger.asked:
        if asked.status == 201 and asked.what == "visit":
            found.promised += 1
            if asked.id not in visits:
                found.missing.append(asked.key)
        elif asked.status == 202 and asked.never_blocked:
            found.promised += 1
            state, made = intake.get(asked.id, ("gone", None))
            if state in ("waiting", "gone") or (asked.what == "visit" and made not in visits):
                found.missing.append(asked.key)
    found.repeated = sorted(visits - answers)
    return found
