"""The control arms: a short run of each broken version, with what brings its damage out. Each must be caught."""

import threading
import time
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

from kith import starting
from tests.chaos.broken import CAUGHT_BY
from tests.chaos.county import County
from tests.chaos.run import Outcome, drain, examine, keep_evidence
from tests.chaos.storm import Storm
from tests.chaos.supervisor import Supervisor
from tests.chaos.writer import Habits, Writer

SECONDS = 20.0
DRAIN_SECONDS, STILL_SECONDS = 40.0, 6.0
LAG_SECONDS, STALL_SECONDS = 0.015, 0.2
BUSY = Habits(pause=0.02, rest=0.2)
VISITORS = Habits(visit=90, consent=10, two_plans_at_once=0, two_sides_at_once=0, proposals=0, pause=0.01, rest=0.2)
UNDECIDED = Habits(
    visit=0, consent=100, two_plans_at_once=0, two_sides_at_once=0, proposals=0, pause=0.01, rest=0.2
)
TWINS = Habits(visit=5, consent=5, two_plans_at_once=80, two_sides_at_once=10, proposals=5, pause=0.02)


@dataclass(frozen=True)
class Provocation:
    """What brings a kind of damage out."""

    habits: Habits = BUSY
    points: str = ""
    """Crash points of the processes whose role begins with `at`."""

    at: str = "serve-"
    slow: bool = False
    """Hold up what is said to the database, so that transactions overlap."""

    stalls: bool = False
    """Hold back a third of what is said to the database for a moment, again and again: some of it commits late."""

    duplicates: bool = False
    disorder: bool = False
    """Let the relay stand still now and then, and hand over what has gathered, the newest first."""


PROVOKED: dict[str, Provocation] = {
    "cursor_relay": Provocation(habits=VISITORS, stalls=True),
    "no_resequencing": Provocation(habits=UNDECIDED, disorder=True),
    "ack_before_commit": Provocation(points="inbox.commit=0.1"),
    "no_duplicate_check": Provocation(points="inbox.ack=0.05", duplicates=True),
    "no_entity_lock": Provocation(habits=TWINS, slow=True),
}


@dataclass(frozen=True)
class Verdict:
    """Whether a broken version was caught, and by how much of which damage."""

    arm: str
    n: int
    seconds: float

    @property
    def by(self) -> str:
        return CAUGHT_BY[self.arm]

    def row(self) -> dict[str, Any]:
        """As `build/chaos.json` holds it."""
        return {"caught": self.n > 0, "by": self.by, "n": self.n}


def try_arm(county: County, arm: str, folder: Path, seconds: float = SECONDS) -> Verdict:
    """Run a broken version; how much of its damage the checker finds."""
    began, provocation, outcome = time.monotonic(), PROVOKED[arm], Outcome(seed=0)
    folder.mkdir(parents=True, exist_ok=True)
    storm = Storm(county, 0, folder, arm)
    storm.points = {
        role: cycle([provocation.points] if role.startswith(provocation.at) else [""]) for role in storm.points
    }
    county.set_back()
    with county.processes(storm.environment, folder / "log") as supervisor:
        starting.wait_until_ready(county.url, threading.Event())
        with Writer(county, arm, provocation.habits) as writer:
            _provoke(county, storm, supervisor, provocation, seconds)
        storm.end(supervisor)
        outcome.drained = drain(county, DRAIN_SECONDS, STILL_SECONDS)
    outcome.answers = writer.ledger.by_status()
    examine(county, outcome, writer.ledger)
    keep_evidence(folder, outcome, writer.ledger, supervisor)
    return Verdict(arm, outcome.damage(CAUGHT_BY[arm]), round(time.monotonic() - began, 1))


def _provoke(
    county: County, storm: Storm, supervisor: Supervisor, provocation: Provocation, seconds: float
) -> None:
    end, random = time.monotonic() + seconds, Random(0)
    while (left := end - time.monotonic()) > 0:
        if provocation.slow:
            county.sql.delay(random, 1.0, LAG_SECONDS, left)
        if provocation.stalls:
            county.sql.blackhole(random, 0.33, STALL_SECONDS, cut_after=False)
        if provocation.duplicates:
            storm.duplicate()
        if provocation.disorder:
            storm.deliver_in_disorder(supervisor, seconds=2.0)
        threading.Event().wait(min(STALL_SECONDS * 1.5 if provocation.stalls else 1.0, left))
