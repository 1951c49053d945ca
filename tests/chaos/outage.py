"""The long run: nothing but the broker away for minutes, while people go on writing. All is taken in, all drains."""

import json
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from kith import starting
from tests.chaos.county import County
from tests.chaos.ledger import Ledger
from tests.chaos.run import Outcome, drain, examine, keep_evidence
from tests.chaos.storm import Storm
from tests.chaos.supervisor import Supervisor
from tests.chaos.writer import Habits, Writer

BEFORE_SECONDS = 60.0
DRAIN_SECONDS = 600.0
SAMPLE_SECONDS = 5.0
STEADY = Habits(proposals=0, two_sides_at_once=0, import_survey=0, pause=1.0, rest=3.0)
TAKEN = (200, 201, 202)
GROWTH = 1.1
"""Resident memory after the drain against before the outage: more than this is not flat."""


@dataclass
class Memory:
    """Resident bytes of every process, sampled all along."""

    samples: list[tuple[float, dict[str, int]]] = field(default_factory=list)

    def at(self, moment: float) -> dict[str, int]:
        """The mean of the three samples before a moment."""
        last = [found for when, found in self.samples if when <= moment][-3:]
        return {role: sum(f.get(role, 0) for f in last) // len(last) for role in last[-1]}


@dataclass
class Long:
    """What the long run came to."""

    outage: float
    outcome: Outcome
    during: Ledger
    memory: dict[str, float]
    broker_down: float = 0.0

    @property
    def refused(self) -> dict[str, int]:
        """Writes that the gateway did not take in while the broker was away, though they are never blocked."""
        return {
            k: n
            for k, n in _answers(self.during, never_blocked=True).items()
            if not k.endswith(("200", "201", "202"))
        }

    @property
    def clean(self) -> bool:
        return self.outcome.clean and not self.refused and all(ratio <= GROWTH for ratio in self.memory.values())

    def found(self) -> dict[str, Any]:
        """As `build/chaos-outage.json` holds it."""
        return {
            "outage_seconds": round(self.broker_down, 1),
            "answers_during": {
                "never_blocked": _answers(self.during, never_blocked=True),
                "need_rpc": _answers(self.during, never_blocked=False),
            },
            "never_blocked_refused": self.refused,
            "asked_again": sum(asked.tries > 1 for asked in self.during.asked if asked.never_blocked),
            "drained_seconds": self.outcome.drained,
            "consumers": {name: found.figures() for name, found in self.outcome.consumers.items()},
            "commands": {
                "promised": self.outcome.commands.promised,
                "missing": len(self.outcome.commands.missing),
                "repeated": len(self.outcome.commands.repeated),
            },
            "projection_mismatches": len(self.outcome.mismatches),
            "memory_after_to_before": self.memory,
        }


def prove(seconds: float, folder: Path, file: Path, console: Console) -> int:
    """Run it, show it, write it; 0 if all was taken in and drained, and memory is flat."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with County(folder) as county:
        long = _run(county, seconds, folder)
    _show(long, console)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(long.found(), indent=1) + "\n")
    return 0 if long.clean else 1


def _run(county: County, seconds: float, folder: Path) -> Long:
    storm, memory, outcome = Storm(county, 0, folder, calm=True), Memory(), Outcome(seed=0, seconds=seconds)
    county.set_back()
    with county.processes(storm.environment, folder / "log") as supervisor:
        starting.wait_until_ready(county.url, threading.Event())
        with _Sampling(memory, supervisor), Writer(county, "outage", STEADY) as writer:
            _pass(BEFORE_SECONDS)
            before, first = time.monotonic(), len(writer.ledger.asked)
            down = _without_broker(county, lambda: _pass(seconds))
            during = Ledger(writer.ledger.asked[first:])
            _pass(BEFORE_SECONDS / 2)
            writer.stop()
            outcome.drained = drain(county, DRAIN_SECONDS)
            _pass(SAMPLE_SECONDS * 3)
            after = time.monotonic()
    examine(county, outcome, writer.ledger)
    keep_evidence(folder, outcome, writer.ledger, supervisor)
    was, now = memory.at(before), memory.at(after)
    ratios = {role: round(now[role] / was[role], 3) for role in sorted(was) if role in now and was[role]}
    return Long(seconds, outcome, during, ratios, down)


def _without_broker(county: County, meanwhile: Callable[[], None]) -> float:
    began = time.monotonic()
    county.broker.stop()
    meanwhile()
    county.broker.start()
    return time.monotonic() - began


class _Sampling:
    """Samples memory in a thread for as long as it is entered."""

    def __init__(self, memory: Memory, supervisor: Supervisor) -> None:
        self._memory, self._supervisor, self._stop = memory, supervisor, threading.Event()
        self._thread = threading.Thread(target=self._run, name="memory", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            self._memory.samples.append((time.monotonic(), self._supervisor.memory()))


def _answers(ledger: Ledger, *, never_blocked: bool) -> dict[str, int]:
    return Ledger([asked for asked in ledger.asked if asked.never_blocked is never_blocked]).by_status()


def _show(long: Long, console: Console) -> None:
    answers = Table("command", "answered", "times", title=f"While the broker was away ({long.broker_down:.0f} s)")
    for kind in (True, False):
        for name, n in _answers(long.during, never_blocked=kind).items():
            what, _, status = name.rpartition(" ")
            answers.add_row(what if kind else f"{what} (needs its service)", status, str(n))
    memory = Table("process", "after ÷ before", title="Resident memory")
    for role, ratio in long.memory.items():
        memory.add_row(role, f"[red]{ratio}[/red]" if ratio > GROWTH else str(ratio))
    console.print(answers, memory)
    kept = long.outcome.commands
    console.print(
        f"drained in {long.outcome.drained} s; {kept.promised} commands promised, {len(kept.missing)} missing, "
        f"{len(kept.repeated)} repeated; lost {long.outcome.damage('lost')}, twice {long.outcome.damage('twice')}, "
        f"out of order {long.outcome.damage('out_of_order')}; {len(long.outcome.mismatches)} figures differ"
    )


def _pass(seconds: float) -> None:
    threading.Event().wait(seconds)
