"""Tries rules on the verdicts of the past, one after the other and never many at once."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from contracts.area import AreaScope
from gateway.admission.compiled import Compiled
from gateway.admission.impact import Impact, Preview
from gateway.admission.replaying import Replayed, Replayer
from gateway.office.store import verdicts


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


def replayed(connection: sa.Connection, since: datetime, *, within: AreaScope) -> Iterable[Replayed]:
    """Every verdict from `since` on beside its replay, the newest first."""
    replayer = _replayer(connection)
    return map(replayer.replay, verdicts.stream(connection, since, within=within))


def _replayer(connection: sa.Connection) -> Replayer:
    return Replayer(lambda version: verdicts.ruleset_of(connection, version))
