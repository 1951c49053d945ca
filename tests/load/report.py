"""What every bench hands out: rows with their raw runs, the machine, the commit; a table first, the file second."""

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
Run = float | dict[str, float]


@dataclass(frozen=True)
class Row:
    """One figure. `target` is the table's own words (`>= 0.7`), `theirs` what it is compared with, `runs` the raw figures."""

    id: str
    what: str
    figure: float
    unit: str
    target: str | None
    against: str | None
    theirs: float | None
    runs: list[Run]

    @property
    def missed(self) -> bool:
        """Whether there is a target and the figure does not reach it."""
        if self.target is None:
            return False
        sign, wanted = self.target.split()
        return self.figure < float(wanted) if sign == ">=" else self.figure > float(wanted)

    def wire(self) -> dict[str, Any]:
        """As the file has it."""
        return asdict(self)


@dataclass(frozen=True)
class Wanted:
    """What a row is about: its id, its sentence, its target, and against whom or what."""

    id: str
    what: str
    target: str | None = None
    against: str | None = None


def of_ratios(wanted: Wanted, ours: Sequence[float], theirs: Sequence[float]) -> Row:
    """The ratio of the medians of two series that were measured in turn."""
    their_median = statistics.median(theirs)
    runs: list[Run] = [
        {"ours": rounded(mine), "theirs": rounded(other)} for mine, other in zip(ours, theirs, strict=True)
    ]
    figure = statistics.median(ours) / their_median
    return Row(
        wanted.id, wanted.what, rounded(figure), "×", wanted.target, wanted.against, rounded(their_median), runs
    )


def of_figures(wanted: Wanted, unit: str, ours: Sequence[float], theirs: Sequence[float] = ()) -> Row:
    """The median of one series; `theirs`, if any, was measured beside it."""
    beside = rounded(statistics.median(theirs)) if theirs else None
    runs: list[Run] = (
        [{"ours": rounded(mine), "theirs": rounded(other)} for mine, other in zip(ours, theirs, strict=True)]
        if theirs
        else [rounded(mine) for mine in ours]
    )
    figure = rounded(statistics.median(ours))
    return Row(wanted.id, wanted.what, figure, unit, wanted.target, wanted.against, beside, runs)


def rounded(value: float) -> float:
    """Four digits that mean something."""
    return float(f"{value:.4g}")


def machine(**servers: str) -> dict[str, Any]:
    """What it ran on, and how busy that was with other things."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_before": [round(value, 2) for value in psutil.getloadavg()],
        **servers,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def commit() -> str:
    """The commit that was measured; `+` if files were changed besides."""
    try:
        name = _git("rev-parse", "HEAD")
        return name + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def show(title: str, rows: Sequence[Row], console: Console | None = None) -> None:
    """The table for a person; what was missed is red and says so."""
    table = Table(title=title)
    for name in ("id", "what", "figure", "target", "ours (least … most)", "theirs (least … most)"):
        table.add_column(name, justify="left" if name in ("id", "what") else "right")
    for row in rows:
        style = "red" if row.missed else ("green" if row.target else "")
        verdict = f"{row.target or ''}{'  missed' if row.missed else ''}"
        table.add_row(row.id, _sentence(row), _figure(row), verdict, _spread(row, "ours"), _spread(row, "theirs"),
                      style=style)  # fmt: skip
    (console or _wide()).print(table)


def _wide() -> Console:
    """A file or a pipe has no width of its own."""
    return Console() if Console().is_terminal else Console(width=150)


def _sentence(row: Row) -> str:
    return f"{row.what}\n  against {row.against}" if row.against else row.what


def _figure(row: Row) -> str:
    return f"{row.figure:,g} {row.unit}"


def _spread(row: Row, side: str) -> str:
    found = [
        run[side] if isinstance(run, dict) else run for run in row.runs if isinstance(run, dict) or side == "ours"
    ]
    if not found:
        return ""
    return f"{statistics.median(found):,g} ({min(found):,g} … {max(found):,g})"


def write(path: Path, about: dict[str, Any], rows: Sequence[Row]) -> None:
    """The file for machines: `machine`, `commit`, `rows`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    about = {**about, "load_after": [round(value, 2) for value in psutil.getloadavg()]}
    text = json.dumps(
        {"machine": about, "commit": commit(), "rows": [row.wire() for row in rows]}, ensure_ascii=False, indent=1
    )
    path.write_text(text + "\n")
