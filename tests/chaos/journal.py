"""One line per thing that happened to a process, appended by many and read by the run."""

import os
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """`kind` happened `n` times at `at` (seconds since 1970) in the process `pid`."""

    kind: str
    n: int
    pid: int
    at: float


def note(journal: Path | None, kind: str, n: int = 1) -> None:
    """Put it down; a line this short is written whole."""
    if journal is not None:
        with journal.open("a") as file:
            file.write(f"{kind} {n} {os.getpid()} {time.time()}\n")


def read(journal: Path) -> list[Entry]:
    """All that was put down."""
    if not journal.exists():
        return []
    lines = (line.split() for line in journal.read_text().splitlines())
    return [Entry(kind, int(n), int(pid), float(at)) for kind, n, pid, at in lines]


def crashes(journal: Path) -> list[tuple[str, int]]:
    """What `chassis.crash_points` put down: which place, in which process."""
    if not journal.exists():
        return []
    lines = (line.split() for line in journal.read_text().splitlines())
    return [(point, int(pid)) for point, pid in lines]
