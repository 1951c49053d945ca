"""Every indicator counts what its definition says, by example."""

from collections.abc import Sequence
from datetime import date

import pytest

from contracts.messages import Event
from gateway.measure.folding import Cell, fold
from gateway.measure.indicators import INDICATORS
from gateway.measure.indicators.surv_04 import ASKED
from tests.support.measure import (
    DAY,
    HERE,
    THERE,
    answered,
    area_registered,
    facts,
    pair_began,
    pair_ended,
    plan_activated,
    reclassified,
    registered,
    surveyed,
    uid,
    visited,
    withdrawn,
)

Amounts = tuple[int, int | None] | None


def amount(
    events: Sequence[Event],
    as_of: date,
    indicator: str,
    period: str = "2026",
    *,
    area: str = HERE,
    breakdown: str = "",
    about: str = "household",
) -> Amounts:
    folded = fold(facts(events, about=about), as_of)
    return folded.contributions.get(Cell(indicator, period, area, breakdown))


def day(month: int, day_: int, year: int = 2026) -> date:
    return date(year, month, day_)


# --- SURV-01


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ([surveyed(day(4, 15))], (1, 1)),
        ([surveyed(day(4, 16))], (0, 1)),
        ([surveyed(day(4, 1), declined=True)], (1, 1)),
        ([surveyed(day(4, 16)), surveyed(day(4, 14))], (1, 1)),
        ([surveyed(day(4, 1), year=2025)], (0, 1)),
        ([], (0, 1)),
    ],
)
def test_a_household_is_covered_when_it_was_asked_in_the_years_round_by_15_april(
    asked: list[Event], expected: Amounts
) -> None:
    assert amount([registered(), *asked], day(6, 1), "SURV-01") == expected


def test_a_survey_that_is_older_than_the_enrolment_counts() -> None:
    events = [registered(on=day(4, 20)), surveyed(day(4, 10))]
    assert amount(events, day(4, 19), "SURV-01") is None
    assert amount(events, day(4, 20), "SURV-01") == (1, 1)


def test_categories_stand_beside_the_total_and_restricted_is_never_among_them() -> None:
    events = [
        registered("elderly", "hardship", "restricted"),
        surveyed(day(4, 1)),
        pair_began(DAY, rhythm="weekly"),
    ]
    cells = fold(facts(events), day(4, 2)).contributions
    broken_down = {cell.breakdown for cell in cells if cell.indicator == "SURV-01"}
    assert broken_down == {"", "category:elderly", "category:hardship"}
    assert not any("restricted" in cell.breakdown for cell in cells)


# --- SURV-02


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ([], None),
        ([surveyed(day(4, 1))], (1, 1)),
        ([surveyed(day(4, 1), complete=False)], (0, 1)),
        ([surveyed(day(4, 1), complete=False), surveyed(day(4, 3))], (1, 1)),
        ([surveyed(day(4, 3)), surveyed(day(4, 1), complete=False)], (1, 1)),
    ],
)
def test_an_archive_is_complete_as_the_newest_survey_left_it(asked: list[Event], expected: Amounts) -> None:
    assert amount([registered(), *asked], day(4, 5), "SURV-02", "2026-04") == expected


def test_declining_a_survey_counts_against_nobody() -> None:
    events = [registered(), surveyed(day(4, 1), declined=True, complete=False)]
    assert amount(events, day(4, 5), "SURV-02", "2026-04") == (1, 1)


# --- SURV-04


def test_consent_is_asked_and_answered_only_when_each_purpose_was() -> None:
    events: list[Event] = [registered()]
    for purpose in ASKED:
        assert amount(events, DAY, "SURV-04", "2026-03") == (0, 1)
        events.append(answered(purpose))
    assert amount(events, DAY, "SURV-04", "2026-03") == (1, 1)


def test_no_and_withdrawn_are_answers_as_good_as_yes() -> None:
    events = [
        registered(),
        *(answered(purpose, "no") for purpose in ASKED),
        withdrawn("visits", on=day(3, 12)),
    ]
    assert amount(events, day(3, 12), "SURV-04", "2026-03") == (1, 1)


# --- GOV-01


@pytest.mark.parametrize(
    ("plans", "expected"),
    [
        ([], (0, 1)),
        ([plan_activated(day(4, 15))], (1, 1)),
        ([plan_activated(day(4, 16))], (0, 1)),
        ([plan_activated(day(4, 16)), plan_activated(day(4, 2))], (1, 1)),
        ([plan_activated(day(4, 2), year=2027)], (0, 1)),
    ],
)
def test_a_village_planned_in_time_when_a_plan_was_in_force_by_15_april(
    plans: list[Event], expected: Amounts
) -> None:
    assert amount([*plans, area_registered(HERE)], day(5, 1), "GOV-01", about="village") == expected


def test_a_plan_of_a_village_nobody_registered_is_not_counted() -> None:
    assert amount([plan_activated(day(4, 2))], day(5, 1), "GOV-01", about="village") is None


# --- PAIR-01


def paired(*events: Event, on: date = DAY, breakdown: str = "") -> Amounts:
    return amount([registered("empty_nest"), *events], on, "PAIR-01", f"{on:%Y-%m}", breakdown=breakdown)


def test_only_empty_nest_households_that_consent_to_pairing_are_asked_about() -> None:
    assert paired() is None
    assert paired(answered("pairing", "no")) is None
    assert paired(answered("visits")) is None
    assert paired(answered("pairing")) == (0, 1)
    other = [registered("temporarily_empty_nest"), answered("pairing")]
    assert amount(other, DAY, "PAIR-01", "2026-03") is None


def test_a_pair_counts_from_its_first_day_up_to_the_day_before_it_ends() -> None:
    events = [answered("pairing"), pair_began(day(3, 12)), pair_ended(day(3, 20))]
    assert [paired(*events, on=day(3, n))[0] for n in (11, 12, 19, 20)] == [0, 1, 1, 0]  # type: ignore[index]


def test_who_withdraws_leaves_the_figure_and_counts_against_nobody() -> None:
    events = [answered("pairing"), pair_began(DAY), withdrawn("pairing", on=day(3, 12))]
    assert paired(*events, on=day(3, 11)) == (1, 1)
    assert paired(*events, on=day(3, 12)) is None


def test_by_kind_of_helper_it_is_a_count_without_denominator() -> None:
    events = [
        answered("pairing"),
        pair_began(DAY),
        pair_began(DAY, match=uid("other"), kind="volunteer"),
    ]
    assert paired(*events) == (1, 1)
    assert paired(*events, breakdown="helper_kind:neighbour") == (1, None)
    assert paired(*events, breakdown="helper_kind:volunteer") == (1, None)


def test_an_end_that_is_dated_before_the_beginning_still_ends_the_pair() -> None:
    assert paired(answered("pairing"), pair_began(day(3, 12)), pair_ended(day(3, 11)), on=day(3, 13)) == (0, 1)


# --- VIS-01


def kept(*events: Event, on: date, rhythm: str | None = "weekly", began: date = DAY) -> Amounts:
    told = [registered("elderly"), pair_began(began, rhythm=rhythm), *events]
    return amount(told, on, "VIS-01", f"{on:%Y-%m}")


@pytest.mark.parametrize(
    ("rhythm", "days"), [("weekly", 7), ("fortnightly", 14), ("monthly", 31), ("quarterly", 92)]
)
def test_a_rhythm_is_broken_on_the_first_day_that_the_gap_is_longer_than_chosen(rhythm: str, days: int) -> None:
    last_good = date.fromordinal(DAY.toordinal() + days)
    first_bad = date.fromordinal(DAY.toordinal() + days + 1)
    assert kept(on=last_good, rhythm=rhythm) == (1, 1)
    assert kept(on=first_bad, rhythm=rhythm) == (0, 1)


def test_nobody_who_chose_no_rhythm_is_counted() -> None:
    assert kept(on=day(3, 30), rhythm=None) is None


def test_a_visit_in_time_keeps_the_rhythm_and_nobody_at_home_does_not() -> None:
    assert kept(visited(day(3, 17)), on=day(3, 24)) == (1, 1)
    assert kept(visited(day(3, 17), "not_home"), on=day(3, 24)) == (0, 1)


def test_a_visit_that_came_a_day_late_does_not_mend_the_month() -> None:
    assert kept(visited(day(3, 18)), on=day(3, 19)) == (0, 1)


def test_a_gap_made_good_last_month_does_not_break_this_one() -> None:
    visits = [visited(day(3, 28)), visited(day(4, 4))]
    assert kept(*visits, on=day(3, 31)) == (0, 1)
    assert kept(*visits, on=day(4, 5)) == (1, 1)


def test_a_gap_that_reaches_into_this_month_breaks_it_too() -> None:
    visits = [visited(day(3, 17)), visited(day(4, 1)), visited(day(4, 8))]
    assert kept(*visits, on=day(4, 10)) == (0, 1)


def test_a_month_that_is_over_keeps_its_figure() -> None:
    events = [
        registered(),
        pair_began(DAY, rhythm="weekly"),
        *(visited(day(3, n)) for n in (17, 24, 31)),
    ]
    march = [amount(events, on, "VIS-01", "2026-03") for on in (day(3, 31), day(4, 30), day(4, 30, 2027))]
    assert march == [(1, 1)] * 3


def test_a_new_pair_starts_the_rhythm_anew() -> None:
    other = pair_began(day(3, 25), rhythm="weekly", match=uid("other"))
    assert kept(pair_ended(day(3, 20)), other, on=day(4, 1)) == (1, 1)


def test_taking_back_the_consent_to_visits_ends_the_wish_and_counts_against_nobody() -> None:
    assert kept(answered("visits"), withdrawn("visits", on=day(3, 25)), on=day(3, 25)) is None
    assert kept(answered("visits", "no", on=day(3, 11)), on=day(3, 25)) is None


def test_a_rhythm_chosen_after_an_earlier_no_is_a_wish() -> None:
    assert kept(answered("visits", "no", on=day(3, 9)), on=day(3, 12)) == (1, 1)
    assert kept(answered("visits", "no", on=DAY), on=day(3, 12)) == (1, 1)


# --- all


def test_a_household_that_moved_leaves_closed_months_where_they_were_and_counts_once() -> None:
    events = [registered("elderly"), reclassified("elderly", on=day(4, 10), area=THERE)]
    cells = fold(facts(events), day(4, 20)).contributions
    months = {(cell.period, cell.area_code) for cell in cells if cell.indicator == "SURV-04"}
    assert months == {("2026-03", HERE), ("2026-04", THERE)}


def test_the_catalogue_has_each_code_once_and_says_everything_in_both_languages() -> None:
    assert len({indicator.code for indicator in INDICATORS}) == len(INDICATORS)
    for indicator in INDICATORS:
        texts = (indicator.name_en, indicator.name_zh, indicator.definition_en, indicator.definition_zh)
        assert all(texts) and indicator.sources and indicator.target


def test_no_numerator_ever_exceeds_its_denominator() -> None:
    events = [
        registered("empty_nest", "elderly"),
        answered("pairing"),
        pair_began(DAY, rhythm="weekly"),
        surveyed(DAY),
    ]
    for num, den in fold(facts(events), day(5, 1)).contributions.values():
        assert 0 <= num <= (1 if den is None else den)
