"""One run: set back, start, write through the storm, let everything drain, stop, check."""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from kith import starting
from tests.chaos import checker, ledger
from tests.chaos.county import County
from tests.chaos.storm import Storm
from tests.chaos.supervisor import Supervisor
from tests.chaos.writer import Writer

DRAIN_SECONDS, STILL_SECONDS = 600.0, 90.0
"""However slow the machine: it may take this long in all, but not stand still for more than that."""

JOBS = "select count(*) from job where state in ('queued', 'running')"
INTAKE = "select count(*) from intake where state = 'waiting'"


@dataclass
class Outcome:
    """What a run came to."""

    seed: int
    seconds: float = 0.0
    drained: float | None = None
    """Seconds until nothing was outstanding; None if that did not come."""

    faults: dict[str, int] = field(default_factory=dict)
    consumers: dict[str, checker.Found] = field(default_factory=dict)
    commands: ledger.Kept = field(default_factory=ledger.Kept)
    answers: dict[str, int] = field(default_factory=dict)
    mismatches: list[str] = field(default_factory=list)
    outstanding: dict[str, int] = field(default_factory=dict)
    repaired: int = 0
    """Gaps that were filled by asking the source: none is needed for what happens here."""

    def damage(self, kind: str) -> int:
        """How much of one kind there is, over all consumers."""
        if kind == "projection_mismatches":
            return len(self.mismatches)
        return sum(found.figures()[kind] for found in self.consumers.values())

    @property
    def clean(self) -> bool:
        """Nothing lost, nothing twice, nothing out of order, every promise kept, every figure right."""
        whole = all(found.clean and found.committed for found in self.consumers.values())
        return whole and self.commands.clean and not self.mismatches and self.drained is not None

    def row(self) -> dict[str, Any]:
        """As `build/chaos.json` holds it."""
        return {
            "seed": self.seed,
            "seconds": round(self.seconds, 1),
            "faults": dict(sorted(self.faults.items())),
            "consumers": {name: found.figures() for name, found in self.consumers.items()},
            "projection_mismatches": len(self.mismatches),
        }


def run(county: County, storm: Storm, seed: int, seconds: float, quota: int, folder: Path) -> Outcome:
    """The whole of it for one seed."""
    outcome = Outcome(seed)
    county.set_back()
    with county.processes(storm.environment, folder / "log") as supervisor:
        starting.wait_until_ready(county.url, threading.Event())
        with Writer(county, str(seed)) as writer:
            outcome.seconds = storm.rage(supervisor, seconds, quota)
        storm.end(supervisor)
        outcome.drained = drain(county, DRAIN_SECONDS)
        outcome.faults = {k: n for k, n in storm.faults(supervisor).items() if not k.startswith("missed")}
        outcome.outstanding = outstanding(county)
    outcome.answers = writer.ledger.by_status()
    examine(county, outcome, writer.ledger)
    outcome.repaired = sum(log.read_text().count("gap_repaired") for log in (folder / "log").glob("serve-*.log"))
    keep_evidence(folder, outcome, writer.ledger, supervisor)
    return outcome


def drain(county: County, within: float, still: float = STILL_SECONDS) -> float | None:
    """Wait until nothing is outstanding, but no longer than `within`, nor after `still` seconds without a change."""
    began = changed = time.monotonic()
    last: Mapping[str, int] = {}
    while (now := time.monotonic()) < began + within and now < changed + still:
        found = outstanding(county)
        if found and not any(found.values()):
            return round(now - began, 1)
        if found != last:
            last, changed = found, now
        threading.Event().wait(0.5)
    return None


def outstanding(county: County) -> dict[str, int]:
    """What is still to come: unapplied events per consumer, commands in the intake, jobs; nothing if nobody answers."""
    try:
        found = {each.name: len(checker.check(each).lost) for each in county.consumers()}
        found["intake"] = _count(county.connection("gateway"), INTAKE)
        for name in ("households", "pairing", "notify"):
            found[f"jobs of {name}"] = _count(county.connection(name), JOBS)
    except psycopg2.OperationalError:
        return {}
    return found


def examine(county: County, outcome: Outcome, written: ledger.Ledger) -> None:
    """Ask the databases, and recompute every figure."""
    outcome.consumers = {each.name: checker.check(each) for each in county.consumers()}
    outcome.commands = ledger.check(written, county.connection("activities"), county.connection("gateway"))
    recomputed = county.kith("ops", "recompute", "--json")
    outcome.mismatches = json.loads(recomputed.stdout)["mismatches"]


def keep_evidence(folder: Path, outcome: Outcome, written: ledger.Ledger, supervisor: Supervisor) -> None:
    """Everything that speaks for or against, beside the logs."""
    evidence = {
        "row": outcome.row(),
        "drained_seconds": outcome.drained,
        "outstanding": outcome.outstanding,
        "answers": outcome.answers,
        "gaps_repaired": outcome.repaired,
        "consumers": {
            name: {
                "lost": found.lost,
                "twice": found.twice,
                "out_of_order": found.out_of_order,
                "unheard_of": found.unheard_of,
            }
            for name, found in outcome.consumers.items()
        },
        "commands": {"missing": outcome.commands.missing, "repeated": outcome.commands.repeated},
        "projection_mismatches": outcome.mismatches,
        "deaths": [vars(death) for death in supervisor.deaths],
        "commands_asked": written.rows(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evidence.json").write_text(json.dumps(evidence, indent=1, ensure_ascii=False) + "\n")


def _count(database: str, query: str) -> int:
    connection = psycopg2.connect(database)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone()
            return int(row[0]) if row else 0
    finally:
        connection.close()
