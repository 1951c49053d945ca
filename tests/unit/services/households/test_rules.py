"""The derived categories at their edges, and that they turn exactly on the day that was foretold."""

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.households import rules
from services.households.model import (
    DERIVED_CATEGORIES,
    HERE,
    CareCategory,
    HouseholdFacts,
    PersonFacts,
    Relation,
    ReturnExpected,
)
from services.households.rules import (
    birthday,
    contradicts_ages,
    derived_categories,
    has_minor,
    months_later,
    next_change_on,
    same_county,
)

TODAY = date(2026, 4, 15)
HORIZON = 800


def person(relation: Relation = Relation.HEAD, age: int = 40, **facts: Any) -> PersonFacts:
    return PersonFacts(relation=relation, born=date(TODAY.year - age, 1, 1), **facts)


def long_away(relation: Relation, age: int, **facts: Any) -> PersonFacts:
    return person(relation, age, away=True, away_since=date(2024, 1, 1), **facts)


def derived(*members: PersonFacts, on: date = TODAY) -> set[str]:
    return {category.value for category in derived_categories(HouseholdFacts(members), on)}


def test_somebody_is_elderly_from_the_sixtieth_birthday_on() -> None:
    born = PersonFacts(relation=Relation.HEAD, born=date(1966, 4, 15))
    assert "elderly" not in derived(born, on=date(2026, 4, 14))
    assert "elderly" in derived(born, on=date(2026, 4, 15))


def test_elders_without_listed_children_are_an_empty_nest() -> None:
    assert derived(person(age=70), person(Relation.SPOUSE, 66)) == {"elderly", "empty_nest"}


def test_a_child_who_is_expected_back_keeps_the_nest_from_being_empty() -> None:
    child = long_away(Relation.CHILD, 40, return_expected=ReturnExpected.GIVEN)
    assert derived(person(age=70), child) == {"elderly", "left_behind_elder"}


def test_a_child_who_lives_in_another_county_without_being_away_counts_against_an_empty_nest() -> None:
    child = person(Relation.CHILD, 40, home_county="吉林省/长春市/榆树市")
    assert "empty_nest" not in derived(person(age=70), child)


def test_a_child_in_law_at_home_keeps_the_nest_from_being_empty_only_by_being_at_home() -> None:
    son = long_away(Relation.CHILD, 40)
    assert "empty_nest" in derived(person(age=70), son, long_away(Relation.CHILD_IN_LAW, 38))
    assert "empty_nest" not in derived(person(age=70), son, person(Relation.CHILD_IN_LAW, 38))


def test_where_nobody_is_at_home_there_is_no_nest() -> None:
    assert "empty_nest" not in derived(long_away(Relation.HEAD, 70))


def test_the_head_is_the_child_of_a_listed_father() -> None:
    assert derived(long_away(Relation.HEAD, 40), person(Relation.PARENT, 70)) == {
        "elderly",
        "empty_nest",
        "left_behind_elder",
    }


def test_an_elder_is_left_behind_only_when_every_grown_child_is_long_away() -> None:
    elder, away = person(age=70), long_away(Relation.CHILD, 40)
    assert "left_behind_elder" in derived(elder, away, person(Relation.CHILD, 17))
    assert "left_behind_elder" not in derived(elder, away, person(Relation.CHILD, 18))
    assert "left_behind_elder" not in derived(elder)


def test_a_child_is_left_behind_only_when_every_listed_parent_is_long_away() -> None:
    child, father = person(Relation.CHILD, 9), long_away(Relation.HEAD, 35)
    assert derived(child, father) == {"left_behind_child"}
    assert derived(child, father, long_away(Relation.SPOUSE, 34)) == {"left_behind_child"}
    assert derived(child, father, person(Relation.SPOUSE, 34)) == set()


def test_a_grandchilds_parents_are_the_children_and_their_spouses() -> None:
    at_home = person(Relation.CHILD_IN_LAW, 33)
    grandchild, father = person(Relation.GRANDCHILD, 5), long_away(Relation.CHILD, 35)
    assert "left_behind_child" in derived(person(age=58), grandchild, father)
    assert "left_behind_child" not in derived(person(age=58), grandchild, father, at_home)


def test_a_child_who_is_away_too_is_not_left_behind() -> None:
    assert derived(person(Relation.CHILD, 9, away=True), long_away(Relation.HEAD, 35)) == set()


def test_without_a_beginning_nobody_is_long_away() -> None:
    assert derived(person(Relation.CHILD, 9), person(away=True)) == set()


def test_six_months_are_calendar_months() -> None:
    child = person(Relation.CHILD, 9)
    father = person(away=True, away_since=date(2025, 10, 15))
    assert derived(child, father, on=date(2026, 4, 14)) == set()
    assert derived(child, father, on=date(2026, 4, 15)) == {"left_behind_child"}


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (date(2025, 10, 15), date(2026, 4, 15)),
        (date(2025, 8, 31), date(2026, 2, 28)),
        (date(2023, 8, 29), date(2024, 2, 29)),
        (date(2025, 12, 31), date(2026, 6, 30)),
    ],
)
def test_a_month_without_that_day_ends_on_its_last(since: date, until: date) -> None:
    assert months_later(since, 6) == until


def test_a_migrant_is_registered_elsewhere_and_has_lived_here_for_six_months() -> None:
    moved: dict[str, Any] = {"hukou_county": "榆树市", "home_county": HERE}
    assert derived(person(home_since=date(2025, 10, 15), **moved)) == {"migrant"}
    assert derived(person(home_since=date(2025, 10, 16), **moved)) == set()
    assert derived(person(**moved)) == set()
    assert derived(person(home_since=date(2020, 1, 1), hukou_county=None)) == set()


def test_work_away_plays_no_part_in_migration() -> None:
    facts: dict[str, Any] = {"hukou_county": "榆树市", "home_since": date(2020, 1, 1)}
    assert derived(person(away=True, **facts)) == {"migrant"}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (HERE, HERE, True),
        (HERE, "榆树市", False),
        ("榆树市", "吉林省/长春市/榆树市", True),
        ("辽宁省/沈阳市/铁西区", "吉林省/四平市/铁西区", False),
        ("浙江省/嘉兴市/平湖市", "榆树市", False),
    ],
)
def test_counties_are_compared_from_the_county_upwards(one: str, other: str, same: bool) -> None:
    assert same_county(one, other) is same_county(other, one) is same


def test_a_minor_is_under_eighteen() -> None:
    child = HouseholdFacts((PersonFacts(relation=Relation.CHILD, born=date(2008, 4, 15)),))
    assert has_minor(child, date(2026, 4, 14))
    assert not has_minor(child, date(2026, 4, 15))
    assert next_change_on(child, date(2026, 4, 1)) == date(2026, 4, 15)


def test_who_was_born_on_a_leap_day_is_older_on_the_first_of_march() -> None:
    born = PersonFacts(relation=Relation.HEAD, born=date(1968, 2, 29))
    assert birthday(date(1967, 2, 28), 60) == date(2027, 2, 28)
    assert next_change_on(HouseholdFacts((born,)), date(2027, 12, 1)) == date(2028, 2, 29)
    assert birthday(date(1964, 2, 29), 61) == date(2025, 3, 1)


def test_what_is_declared_contradicts_only_ages_that_are_all_known() -> None:
    young, unknown = person(age=40), PersonFacts(relation=Relation.PARENT, born=None)
    elderly, child = frozenset({CareCategory.ELDERLY}), frozenset({CareCategory.LEFT_BEHIND_CHILD})
    assert contradicts_ages(elderly, HouseholdFacts((young,)), TODAY)
    assert contradicts_ages(child, HouseholdFacts((young,)), TODAY)
    assert not contradicts_ages(elderly, HouseholdFacts((young, unknown)), TODAY)
    assert not contradicts_ages(elderly, HouseholdFacts((young, person(Relation.PARENT, 60))), TODAY)
    assert not contradicts_ages(frozenset({CareCategory.GIRL}), HouseholdFacts((young,)), TODAY)


around = st.integers(-HORIZON, HORIZON).map(lambda days: TODAY + timedelta(days=days))
births = st.builds(
    lambda age, days: birthday(TODAY, -age) + timedelta(days=days),
    st.sampled_from((5, 16, 18, 60, 75)),
    st.integers(-HORIZON, HORIZON),
)
people = st.builds(
    PersonFacts,
    relation=st.sampled_from(Relation),
    born=st.none() | births,
    away=st.booleans(),
    away_since=st.none() | around,
    return_expected=st.sampled_from(ReturnExpected),
    hukou_county=st.sampled_from((HERE, None, "榆树市", "吉林省/长春市/榆树市")),
    home_county=st.sampled_from((HERE, None, "榆树市")),
    home_since=st.none() | around,
)
households = st.lists(people, max_size=6).map(lambda members: HouseholdFacts(tuple(members)))


def standing(household: HouseholdFacts, on: date) -> tuple[frozenset[CareCategory], bool]:
    return derived_categories(household, on), has_minor(household, on)


def foretells_the_day(household: HouseholdFacts) -> bool:
    """Whether walking day by day meets the first change just where `next_change_on` says."""
    foretold, before = rules.next_change_on(household, TODAY), standing(household, TODAY)
    days = (TODAY + timedelta(days=n) for n in range(1, HORIZON + 1))
    met = next((day for day in days if standing(household, day) != before), None)
    return met == foretold if met else foretold is None or foretold > TODAY + timedelta(days=HORIZON)


@settings(max_examples=150, deadline=None)
@given(households)
def test_the_next_change_is_foretold_to_the_day(household: HouseholdFacts) -> None:
    assert foretells_the_day(household)


@given(households)
def test_only_derived_categories_are_ever_derived(household: HouseholdFacts) -> None:
    assert derived_categories(household, TODAY) <= DERIVED_CATEGORIES


@given(households, st.randoms())
def test_the_order_of_members_plays_no_part(household: HouseholdFacts, random: Random) -> None:
    shuffled = list(household.members)
    random.shuffle(shuffled)
    assert standing(HouseholdFacts(tuple(shuffled)), TODAY) == standing(household, TODAY)


def test_control_a_foretelling_that_forgets_durations_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    father = person(away=True, away_since=date(2025, 12, 1))
    household = HouseholdFacts((father, person(Relation.CHILD, 9)))
    assert foretells_the_day(household)
    monkeypatch.setattr(rules, "_turning_days", lambda household: iter(()))
    assert not foretells_the_day(household)
