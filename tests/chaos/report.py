"""What a run came to: tables for a person, and `build/chaos.json`."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.chaos.arms import Verdict
from tests.chaos.run import Outcome
from tests.chaos.schedule import KINDS, QUOTA


def total(outcomes: Sequence[Outcome]) -> Counter[str]:
    """How often each kind of fault happened in all."""
    found: Counter[str] = Counter()
    for outcome in outcomes:
        found.update(outcome.faults)
    return found


def rare(outcomes: Sequence[Outcome], quota: int = QUOTA) -> list[str]:
    """The kinds that happened too seldom to prove anything."""
    found = total(outcomes)
    return [kind for kind in KINDS if found[kind] < quota]


def show(outcomes: Sequence[Outcome], verdicts: Sequence[Verdict], console: Console) -> None:
    """For a person."""
    if outcomes:
        console.print(_consumers(outcomes), _faults(outcomes))
        for outcome in outcomes:
            console.print(line(outcome))
    if verdicts:
        console.print(_arms(verdicts))


def write(file: Path, outcomes: Sequence[Outcome], verdicts: Sequence[Verdict]) -> None:
    """For a machine, as design.md section 10 has it."""
    found = {
        "seeds": [outcome.row() for outcome in outcomes],
        "control_arms": {verdict.arm: verdict.row() for verdict in verdicts},
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(found, indent=1) + "\n")


def _consumers(outcomes: Sequence[Outcome]) -> Table:
    table = Table(
        "seed", "consumer", "committed", "applied", "parked", "lost", "twice", "out of order", title="Events"
    )
    for outcome in outcomes:
        for name, found in outcome.consumers.items():
            figures = found.figures()
            damage = [_red(figures[kind]) for kind in ("lost", "twice", "out_of_order")]
            figure = [str(figures[kind]) for kind in ("committed", "applied", "parked")]
            table.add_row(str(outcome.seed), name, *figure, *damage)
    return table


def _faults(outcomes: Sequence[Outcome]) -> Table:
    table = Table("fault", *(f"seed {outcome.seed}" for outcome in outcomes), "in all", title="Faults")
    for kind in KINDS:
        each = [outcome.faults.get(kind, 0) for outcome in outcomes]
        table.add_row(kind, *map(str, each), str(sum(each)))
    return table


def line(outcome: Outcome) -> str:
    """One run in a sentence."""
    drained = "did not drain" if outcome.drained is None else f"drained in {outcome.drained:.1f} s"
    promised = outcome.commands
    return (
        f"seed {outcome.seed}: {outcome.seconds:.0f} s of storm, {drained}; {promised.promised} commands promised, "
        f"{_red(len(promised.missing))} missing, {_red(len(promised.repeated))} repeated; "
        f"{_red(len(outcome.mismatches))} figures differ; {outcome.repaired} gaps repaired"
    )


def _arms(verdicts: Sequence[Verdict]) -> Table:
    table = Table("broken version", "caught", "by", "n", "seconds", title="Control arms")
    for verdict in verdicts:
        caught = "yes" if verdict.n else "[red]no[/red]"
        table.add_row(verdict.arm, caught, verdict.by, str(verdict.n), f"{verdict.seconds:.0f}")
    return table


def _red(n: int) -> str:
    return f"[red]{n}[/red]" if n else "0"
