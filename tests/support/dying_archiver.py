"""Archives one service's outbox and is killed at a named place: `python -m tests.support.dying_archiver written`."""

import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from chassis import archive, outbox_partitions
from chassis.archive import Archive
from chassis.clock import Clock
from chassis.outbox_partitions import Entry, Month
from chassis.settings import Settings
from kith.ops import archiving, reaching

PLACES = ("writing", "renamed", "written", "detached", "dropped")


def die(*_: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(place: str) -> None:
    whole, take_out = outbox_partitions.entries, outbox_partitions.take_out

    def some(connection: sa.Connection, month: Month) -> Iterator[Entry]:
        yield from list(whole(connection, month))[:3]
        die()

    def to_the_end(*given: Any) -> None:
        take_out(*given)
        die()

    match place:
        case "writing":
            outbox_partitions.entries = some
        case "renamed":
            archive._sync = die
        case "written":
            Archive.summary = die
        case "detached":
            outbox_partitions.unsent = lambda connection, month: die() if _detached(connection, month) else 0
        case "dropped":
            outbox_partitions.take_out = to_the_end


def _detached(connection: sa.Connection, month: Month) -> bool:
    return month not in outbox_partitions.held(connection)


if __name__ == "__main__":
    arm(sys.argv[1])
    settings = Settings()
    archiving.archive(settings, ["pairing"], reaching.operator(settings), Clock.of(settings).now())
