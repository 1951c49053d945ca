"""Named places at which a chaos test may end this process as a power cut would. Nothing else arms them.

A place is armed by the setting KITH_CRASH_POINTS, such as `relay.mark=0.02,inbox.ack=0.1`: each time it is reached the
process kills itself with that probability. Only an installation whose namespace begins with `chaos` heeds it.
"""

import os
import random
import signal
from collections.abc import Mapping
from pathlib import Path

from chassis.settings import Settings

POINTS = frozenset(
    {
        "command.commit",
        "command.committed",
        "relay.publish",
        "relay.confirm",
        "relay.mark",
        "inbox.commit",
        "inbox.ack",
        "intake.kept",
        "intake.deliver",
        "intake.delivered",
        "approval.approved",
        "approval.carried_out",
    }
)
"""Before and after a command's commit; before publishing, after the confirms, after marking as sent; before a batch's
commit, and between that commit and the acknowledgement; after a command was taken in, before it is delivered, and between
its service's answer and the note that it is over; the same two for what a second person agreed to."""

_armed: dict[str, float] = {}
_journal: Path | None = None


class UnknownCrashPoint(ValueError):
    """The setting names a place that does not exist, or no probability."""


def arm(settings: Settings) -> None:
    """Heed the setting, if this installation may: for a process's start."""
    global _journal
    _armed.clear()
    if settings.namespace.startswith("chaos"):
        _armed.update(parse(settings.crash_points))
        _journal = settings.crash_journal


def parse(text: str) -> Mapping[str, float]:
    """Place -> probability; UnknownCrashPoint says what is wrong."""
    found = {}
    for part in filter(None, text.split(",")):
        point, _, chance = part.partition("=")
        if point not in POINTS:
            raise UnknownCrashPoint(f"no crash point is called {point!r}; there are {', '.join(sorted(POINTS))}")
        try:
            found[point] = float(chance)
        except ValueError:
            raise UnknownCrashPoint(f"{part!r} is not a place and its probability, such as {point}=0.1") from None
    return found


def reached(point: str) -> None:
    """This is the place of that name."""
    if _armed and random.random() < _armed.get(point, 0.0):  # noqa: S311 - drawn, not guessed at
        if _journal:
            with _journal.open("a") as journal:
                journal.write(f"{point} {os.getpid()}\n")
        os.kill(os.getpid(), signal.SIGKILL)
