"""Tries rules on the verdicts of the past, one after the other and never many at once."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa

from contracts.area import AreaScope
from gateway.admission.compiled import Compiled
from gateway.admission.impact import Impact, Preview
from gateway.admission.replaying import Replayed, Replayer
from gateway.office.store import verdicts

MOST_SHOWN = 50


@dataclass(frozen=True)
class Bounds:
    """How far a trial goes: so many verdicts, and so many seconds."""

    verdicts: int
    seconds: float


@dataclass(frozen=True)
class Trial:
    """What rules would have done since `since`; not `complete`: there were more verdicts, which were not looked at."""

    impacts: tuple[Impact, ...]
    since: datetime
    complete: bool


@dataclass
class Comparison:
    """How verdicts stand beside their replays, and the first of those that are not the same."""

    since: datetime
    complete: bool = True
    counted: Counter[str] = field(default_factory=Counter)
    others: list[Replayed] = field(default_factory=list)

    def add(self, one: Replayed) -> None:
        """One more."""
        self.counted[one.standing] += 1
        if one.standing != "same" and len(self.others) < MOST_SHOWN:
            self.others.append(one)


def tried(
    connection: sa.Connection,
    rules: Iterable[Compiled],
    since: datetime,
    *,
    within: AreaScope,
    bounds: Bounds | None = None,
) -> Trial:
    """Judge the verdicts from `since` on, the newest first, by rules on trial: all of them, or as far as the bounds go."""
    preview = Preview(rules, _replayer(connection).rules)
    reached, count, began = since, 0, time.monotonic()
    for kept in verdicts.stream(connection, since, within=within, subjects=preview.subjects):
        if bounds and (count == bounds.verdicts or time.monotonic() - began > bounds.seconds):
            return Trial(tuple(preview.impacts), reached, complete=False)
        preview.add(kept)
        reached, count = kept.at, count + 1
    return Trial(tuple(preview.impacts), since, complete=True)


def compared(
    connection: sa.Connection, since: datetime, *, within: AreaScope, bounds: Bounds | None = None
) -> Comparison:
    """Judge the verdicts from `since` on again, the newest first: all of them, or as far as the bounds go."""
    replayer, found, began = _replayer(connection), Comparison(since), time.monotonic()
    for count, kept in enumerate(verdicts.stream(connection, since, within=within)):
        if bounds and (count == bounds.verdicts or time.monotonic() - began > bounds.seconds):
            found.complete = False
            return found
        found.add(replayer.replay(kept))
        found.since = kept.at
    return replace(found, since=since)


def _replayer(connection: sa.Connection) -> Replayer:
    return Replayer(lambda version: verdicts.ruleset_of(connection, version))
