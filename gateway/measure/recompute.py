"""Folds everything from nothing and compares: live figures must be equal to it, cell by cell, always."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from contracts.area import AreaScope
from gateway.measure.facts import Fact
from gateway.measure.folding import Amount, Cell, fold
from gateway.measure.refolding import settle
from gateway.measure.store import streams
from gateway.measure.store.columns import Row


class Kind(StrEnum):
    """What was found to differ."""

    CONTRIBUTION = "contribution"
    FIGURE = "figure"
    DUE = "due"
    KNOWN = "known"


@dataclass(frozen=True)
class Mismatch:
    """One stored value that is not what the facts come to. Ids, codes and numbers only."""

    kind: Kind
    entity: str | None
    cell: Cell | None
    stored: Any
    expected: Any


@dataclass
class Recomputation:
    """What a recomputation looked at and what it found."""

    entities: int = 0
    cells: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)


def recompute(connection: sa.Connection, as_of: date, *, within: AreaScope) -> Recomputation:
    """Fold every entity of the area from its facts at `as_of`, and name all that is stored otherwise.

    `connection` must have no transaction open. What time has changed is folded first; then one snapshot is read
    in streams, so memory is bounded by the number of mismatches. Live traffic may go on meanwhile. `as_of` is the
    county's today: figures are not kept for other days.
    """
    while _settled(connection, as_of, within):
        pass
    with connection.begin():
        streams.begin_transaction(connection, within=within, snapshot=True)
        found = Recomputation()
        corrections = _fold_all(connection, as_of, within, found)
        _compare_figures(connection, within, corrections, found)
    return found


def _settled(connection: sa.Connection, as_of: date, within: AreaScope) -> int:
    with connection.begin():
        streams.begin_transaction(connection, within=within)
        return settle(connection, as_of, within=within, waiting=True)


def _fold_all(
    connection: sa.Connection, as_of: date, within: AreaScope, found: Recomputation
) -> Mapping[Cell, Amount]:
    """Compare what each entity adds; what the stored contributions fall short of the fold by, per cell."""
    facts = _by_entity(streams.facts(connection, within=within))
    stored = _by_entity(streams.contributions(connection, within=within))
    corrections: dict[Cell, Amount] = defaultdict(lambda: (0, 0))
    for row in streams.entities(connection, within=within):
        folded = fold([Fact(*fact) for fact in facts(row.entity)], as_of)
        added = {Cell(*cell): (num, den) for _, *cell, num, den in stored(row.entity)}
        for cell in sorted(added.keys() | folded.contributions.keys()):
            old, new = added.get(cell), folded.contributions.get(cell)
            if old != new:
                found.mismatches.append(Mismatch(Kind.CONTRIBUTION, row.entity, cell, old, new))
                corrections[cell] = _plus(corrections[cell], _minus(new, old))
        _compare(found, Kind.DUE, row.entity, row.at, folded.next_change_at)
        _compare(found, Kind.KNOWN, row.entity, row.known, folded.known)
        found.entities += 1
    return corrections


def _compare(found: Recomputation, kind: Kind, entity: str, stored: object, expected: object) -> None:
    if stored != expected:
        found.mismatches.append(Mismatch(kind, entity, None, stored, expected))


def _compare_figures(
    connection: sa.Connection, within: AreaScope, corrections: Mapping[Cell, Amount], found: Recomputation
) -> None:
    """A figure must be the sum of what the fold gives: the stored contributions, corrected where they are wrong."""
    left = dict(corrections)
    for *cell, num, den, added_num, added_den in streams.totals(connection, within=within):
        expected = _plus((added_num or 0, added_den or 0), left.pop(Cell(*cell), (0, 0)))
        _compare_figure(found, Cell(*cell), (num or 0, den or 0), expected)
    for missing, expected in left.items():
        _compare_figure(found, missing, (0, 0), expected)


def _compare_figure(found: Recomputation, cell: Cell, stored: Amount, expected: Amount) -> None:
    found.cells += 1
    if stored != expected:
        found.mismatches.append(Mismatch(Kind.FIGURE, None, cell, stored, expected))


def _plus(one: Amount, other: Amount) -> Amount:
    return one[0] + other[0], (one[1] or 0) + (other[1] or 0)


def _minus(new: Amount | None, old: Amount | None) -> Amount:
    new, old = new or (0, 0), old or (0, 0)
    return new[0] - old[0], (new[1] or 0) - (old[1] or 0)


def _by_entity(rows: Iterator[Row]) -> Callable[[str], list[Row]]:
    """Hands out a stream that is sorted by entity, piece by piece, to somebody who walks in the same order."""
    groups = groupby(rows, key=attrgetter("entity"))
    ahead = next(groups, None)

    def of(entity: str) -> list[Row]:
        nonlocal ahead
        if ahead is None or ahead[0] != entity:
            return []
        rows_of_entity = list(ahead[1])
        ahead = next(groups, None)
        return rows_of_entity

    return of
