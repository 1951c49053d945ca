"""At every moment the figures equal a recomputation from nothing, and a recomputation finds whatever does not."""

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest

from gateway.measure.folding import Cell
from gateway.measure.recompute import Kind
from gateway.measure.store import entities as store
from tests.integration.gateway.measure.installation import Installation, totals_of
from tests.support.measure import (
    DAY,
    HERE,
    HOME,
    THERE,
    answered,
    envelopes,
    pair_began,
    reclassified,
    registered,
    story,
    visited,
)

SPRING = [date(2026, 3, 1) + timedelta(days=n) for n in range(45)]
LIFE = (
    registered("empty_nest", "elderly"),
    answered("pairing"),
    pair_began(DAY, rhythm="fortnightly"),
    visited(DAY + timedelta(days=10)),
)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_figures_are_right_whatever_is_delivered_twice_or_out_of_order(measure: Installation, seed: int) -> None:
    random = Random(seed)
    events = story(random, 25, SPRING)
    sent = envelopes(events)
    sent += random.sample(sent, len(sent) // 5)
    random.shuffle(sent)
    while sent:
        batch, sent = sent[: (size := random.randint(1, 60))], sent[size:]
        measure.receive(batch)
        assert measure.mismatches() == []
    assert measure.totals() == totals_of(events, measure.today, heard_on=measure.today)


def test_time_alone_moves_figures_and_every_day_is_right(measure: Installation) -> None:
    events = story(Random(7), 12, SPRING)
    measure.on(SPRING[0]).hear(*events)
    for day in range(0, 120, 3):
        then = measure.on(SPRING[0] + timedelta(days=day))
        then.refold_due()
        assert then.totals() == totals_of(events, then.today, heard_on=SPRING[0])
    assert then.mismatches() == []


def test_a_figure_that_time_should_have_moved_is_stale_until_the_timer_has_run(measure: Installation) -> None:
    measure.on(DAY).hear(*LIFE)
    later = measure.on(DAY + timedelta(days=40))
    assert later.totals() != totals_of(LIFE, later.today, heard_on=DAY)
    later.refold_due()
    assert later.totals() == totals_of(LIFE, later.today, heard_on=DAY)


def test_a_recomputation_settles_what_is_due_before_it_compares(measure: Installation) -> None:
    measure.on(DAY).hear(*LIFE)
    later = measure.on(DAY + timedelta(days=40))
    assert later.mismatches() == []
    assert later.totals() == totals_of(LIFE, later.today, heard_on=DAY)


def test_a_household_that_moves_takes_its_figures_along(measure: Installation) -> None:
    moved = reclassified("empty_nest", on=date(2026, 4, 10), area=THERE)
    measure.hear(*LIFE, moved)
    assert measure.mismatches() == []
    assert measure.totals()[Cell("SURV-04", "2026-04", THERE, "")] == (0, 1)
    assert Cell("SURV-04", "2026-04", HERE, "") not in measure.totals()


def test_an_event_that_comes_again_in_a_new_epoch_is_not_counted_twice(measure: Installation) -> None:
    sent = envelopes(LIFE)
    measure.receive(sent)
    before = measure.totals()
    measure.receive([envelope.model_copy(update={"epoch": 2}) for envelope in sent])
    assert measure.totals() == before and measure.mismatches() == []


def test_an_event_that_fails_leaves_nothing_behind_in_facts_or_figures(
    measure: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = store.keep_facts

    def keep_but_fail_on_visits(connection, facts, *, within):  # type: ignore[no-untyped-def]
        keep(connection, facts, within=within)
        if any(fact.kind == "visited" for fact in facts):
            raise RuntimeError

    monkeypatch.setattr(store, "keep_facts", keep_but_fail_on_visits)
    measure.hear(*LIFE)
    kinds = Counter(kind for (kind,) in measure.run("select kind from fact"))
    assert kinds == {"registered": 1, "consent_answered": 1, "pair_began": 2}
    assert measure.mismatches() == []
    assert measure.totals() == totals_of(LIFE[:3], measure.today, heard_on=measure.today)


@pytest.mark.parametrize(
    ("damage", "kinds"),
    [
        ("update agg set num = num + 1 where indicator = 'SURV-01' and breakdown = ''", {Kind.FIGURE}),
        ("delete from agg where indicator = 'PAIR-01' and breakdown = ''", {Kind.FIGURE}),
        ("update contrib set den = 2 where indicator = 'SURV-04'", {Kind.CONTRIBUTION}),
        ("delete from contrib where indicator = 'VIS-01' and breakdown = ''", {Kind.CONTRIBUTION}),
        ("delete from due", {Kind.DUE}),
        ("update due set at = '2026-12-24'", {Kind.DUE}),
        ("update admission_fact set known = '{}'", {Kind.KNOWN}),
        (
            "update fact set data = data || '{\"categories\": []}' where kind = 'registered'",
            {Kind.FIGURE, Kind.CONTRIBUTION},
        ),
    ],
)
def test_whatever_is_damaged_the_recomputation_names_it(
    measure: Installation, damage: str, kinds: set[Kind]
) -> None:
    measure.hear(*LIFE)
    assert measure.mismatches() == []
    assert measure.run(damage).rowcount > 0
    assert {found.kind for found in measure.mismatches()} == kinds


def test_a_damaged_cell_is_named_with_what_it_holds_and_what_it_should(measure: Installation) -> None:
    measure.hear(*LIFE)
    measure.run("update agg set num = 7 where indicator = 'PAIR-01' and period = '2026-04' and breakdown = ''")
    (found,) = measure.mismatches()
    assert found.cell == Cell("PAIR-01", "2026-04", HERE, "")
    assert (found.stored, found.expected) == ((7, 1), (1, 1))


def test_a_damaged_contribution_is_named_with_its_entity(measure: Installation) -> None:
    measure.hear(*LIFE)
    measure.run("update contrib set num = 0 where indicator = 'PAIR-01' and period = '2026-04' and breakdown = ''")
    (found,) = measure.mismatches()
    assert (found.entity, found.stored, found.expected) == (f"household:{HOME}", (0, 1), (1, 1))
