"""Two batches about one household: the entity's lock keeps figures right, and without it the recomputation finds them wrong."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta
from random import Random
from threading import Barrier, BrokenBarrierError

import pytest
import sqlalchemy as sa

from contracts.area import AreaScope
from contracts.envelope import Envelope
from gateway.measure.facts import Fact
from gateway.measure.recompute import Kind
from gateway.measure.store import entities as store
from gateway.measure.store.columns import columns
from tests.integration.gateway.measure.installation import Installation, totals_of
from tests.support.measure import DAY, answered, envelopes, pair_began, registered, story, visited

SPRING = [date(2026, 3, 1) + timedelta(days=n) for n in range(45)]


def only_insert(connection: sa.Connection, areas: Mapping[str, str], *, within: AreaScope) -> None:
    """The broken version: the rows are there, and nobody locks them."""
    connection.execute(store.INSERT_ENTITIES, columns(sorted(areas.items()), "entities", "areas"))


def meet_after_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both batches read the facts before either writes, if nothing keeps them apart."""
    read, both_have_read = store.facts_about, Barrier(2)

    def read_and_meet(
        connection: sa.Connection, entities: Sequence[str], *, within: AreaScope
    ) -> dict[str, list[Fact]]:
        found = read(connection, entities, within=within)
        with suppress(BrokenBarrierError):
            both_have_read.wait(timeout=1)
        return found

    monkeypatch.setattr(store, "facts_about", read_and_meet)


def at_the_same_time(measure: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    measure.hear(registered("empty_nest"))
    consent = envelopes([registered("empty_nest"), answered("pairing")])[1:]
    pair = envelopes([pair_began(DAY, rhythm="monthly")])
    with monkeypatch.context() as during:
        meet_after_reading(during)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(measure.receive, [consent, pair]))


def test_two_batches_about_one_household_wait_for_each_other(
    measure: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_the_same_time(measure, monkeypatch)
    assert measure.mismatches() == []


def test_without_the_lock_figures_go_silently_wrong_and_the_recomputation_finds_it(
    measure: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "lock_entities", only_insert)
    at_the_same_time(measure, monkeypatch)
    found = {mismatch.kind for mismatch in measure.mismatches()}
    assert Kind.CONTRIBUTION in found or Kind.FIGURE in found


def test_a_storm_from_all_sides_while_time_passes_leaves_every_cell_right(measure: Installation) -> None:
    random = Random(11)
    events = story(random, 30, SPRING)
    sent = envelopes(events)
    streams: list[list[list[Envelope]]] = [[] for _ in range(4)]
    shuffled = sorted(sent, key=lambda envelope: (envelope.sequence, random.random()))
    for start in range(0, len(shuffled), 15):
        random.choice(streams).append(shuffled[start : start + 15])

    def deliver(batches: list[list[Envelope]]) -> None:
        for batch in batches:
            measure.receive(batch)
            measure.refold_due()

    with ThreadPoolExecutor(5) as pool:
        storm = [pool.submit(deliver, batches) for batches in streams]
        while not all(one.done() for one in storm):
            assert measure.mismatches() == []
        for one in storm:
            one.result()
    measure.receive(sent)  # what came ahead of its turn was kept, and is joined by what waits
    assert measure.mismatches() == []
    assert measure.totals() == totals_of(events, measure.today, heard_on=measure.today)


def test_an_entity_that_somebody_folds_now_is_passed_over_by_the_timer(measure: Installation) -> None:
    measure.on(DAY).hear(registered(), pair_began(DAY, rhythm="weekly"), visited(DAY))
    later = measure.on(DAY + timedelta(days=60))
    within = measure.runtime.system.scope
    with measure.seen_from(within.code) as mine, measure.seen_from(within.code) as other:
        claimed = store.claim_due(mine, later.today, 10, within=within)
        assert len(claimed) == 1
        assert store.claim_due(other, later.today, 10, within=within) == []
