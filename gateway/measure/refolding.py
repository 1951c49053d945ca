"""Keeps figures equal to the fold of all facts: lock the entity, fold it, add new minus old. Nothing else writes them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import sqlalchemy as sa

from chassis.work import Work
from contracts.area import AreaScope
from gateway.measure.facts import NewFact
from gateway.measure.folding import Amount, Cell, Folded, fold
from gateway.measure.store import entities as store


def take_in(work: Work, facts: Sequence[NewFact]) -> None:
    """Keep facts, and fold what they are about once at the end of the batch."""
    if facts:
        work.last(_fold_taken_in, *facts)


def _fold_taken_in(work: Work, facts: Sequence[NewFact]) -> None:
    entities = {fact.entity: fact.area_code for fact in facts}
    store.lock_entities(work.connection, entities, within=work.scope)
    store.keep_facts(work.connection, facts, within=work.scope)
    refold(work.connection, sorted(entities), work.today, within=work.scope)


def settle(
    connection: sa.Connection, today: date, *, within: AreaScope, limit: int = 200, waiting: bool = False
) -> int:
    """Fold anew up to `limit` entities that time has changed; how many. Call it again until it says 0."""
    entities = store.claim_due(connection, today, limit, within=within, waiting=waiting)
    if entities:
        refold(connection, entities, today, within=within)
    return len(entities)


def refold(connection: sa.Connection, entities: Sequence[str], as_of: date, *, within: AreaScope) -> None:
    """Fold entities that the caller has locked, and bring what they add, figures and due days up to that."""
    facts = store.facts_about(connection, entities, within=within)
    before = store.contributions_of(connection, entities, within=within)
    folded = {entity: fold(facts.get(entity, ()), as_of) for entity in entities}
    _replace(connection, before, folded, within)
    days = {entity: one.next_change_at for entity, one in folded.items()}
    known = {entity: one.known for entity, one in folded.items() if one.known is not None}
    store.set_due(connection, days, within=within)
    store.set_known(connection, known, within=within)


def _replace(
    connection: sa.Connection, before: store.Contributions, folded: Mapping[str, Folded], within: AreaScope
) -> None:
    differences = list(_differences(before, folded))
    gone = [(entity, cell) for entity, cell, _, new in differences if new is None]
    changed = [(entity, cell, new) for entity, cell, _, new in differences if new is not None]
    deltas: dict[Cell, Amount] = defaultdict(lambda: (0, 0))
    for _, cell, old, new in differences:
        deltas[cell] = _plus_difference(deltas[cell], old, new)
    store.remove_contributions(connection, gone, within=within)
    store.put_contributions(connection, changed, within=within)
    moved = {cell: delta for cell, delta in deltas.items() if delta not in ((0, 0), (0, None))}
    store.add_to_totals(connection, moved, within=within)


def _differences(
    before: store.Contributions, folded: Mapping[str, Folded]
) -> Iterator[tuple[str, Cell, Amount | None, Amount | None]]:
    for entity, one in folded.items():
        olds = before.get(entity, {})
        for cell in sorted(olds.keys() | one.contributions.keys()):
            old, new = olds.get(cell), one.contributions.get(cell)
            if old != new:
                yield entity, cell, old, new


def _plus_difference(delta: Amount, old: Amount | None, new: Amount | None) -> Amount:
    """A count's den is None in all its contributions, and so in their difference."""
    is_count = (old or new or delta)[1] is None
    num = delta[0] + (new[0] if new else 0) - (old[0] if old else 0)
    den = (delta[1] or 0) + ((new[1] or 0) if new else 0) - ((old[1] or 0) if old else 0)
    return num, None if is_count else den
