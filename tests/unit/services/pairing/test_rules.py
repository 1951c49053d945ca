"""Each hard rule alone, on the day and the day before; then all reasons at once."""

from datetime import date, timedelta

import pytest

from services.pairing.model import CareCategory, HelperKind, Load, township_of
from services.pairing.rules import (
    MERIT_WORDS_EN,
    MERIT_WORDS_ZH,
    REASON_WORDS_EN,
    REASON_WORDS_ZH,
    SUITED,
    WORST_FIT,
    MeritCode,
    ReasonCode,
    clearance_ends_on,
    fit,
    may_pair,
    merits,
    urgency_tier,
)
from tests.support.pairing import FAR_VILLAGE, NEXT_VILLAGE, TODAY, TOWNSHIP, VILLAGE, a_helper, a_household

FREE = Load()


def test_a_willing_household_and_a_free_helper_may_be_paired() -> None:
    assert may_pair(a_household(), a_helper(), FREE, TODAY) == ()


def test_without_consent_there_is_no_pair() -> None:
    assert may_pair(a_household(consented=False), a_helper(), FREE, TODAY) == (ReasonCode.NO_CONSENT,)


def test_without_enrolment_there_is_no_pair() -> None:
    assert may_pair(a_household(enrolled=False), a_helper(), FREE, TODAY) == (ReasonCode.NOT_ENROLLED,)


def test_a_helper_who_left_gets_no_pair() -> None:
    assert may_pair(a_household(), a_helper(active=False), FREE, TODAY) == (ReasonCode.HELPER_NOT_ACTIVE,)


@pytest.mark.parametrize(("carried", "reasons"), [(1, ()), (2, (ReasonCode.NO_SLOT_LEFT,))])
def test_the_last_slot_is_given_and_no_more(carried: int, reasons: tuple[ReasonCode, ...]) -> None:
    assert may_pair(a_household(), a_helper(capacity=2), Load(carried), TODAY) == reasons


@pytest.mark.parametrize(("left", "reasons"), [(None, ()), (1, ()), (0, (ReasonCode.ASKED_ENOUGH,))])
def test_a_helper_is_not_asked_beyond_the_months_number(left: int | None, reasons: tuple[ReasonCode, ...]) -> None:
    assert may_pair(a_household(), a_helper(), Load(0, left), TODAY) == reasons


@pytest.mark.parametrize("kind", [kind for kind in HelperKind if kind is not HelperKind.NEIGHBOUR])
def test_everyone_but_a_neighbour_helps_throughout_the_township(kind: HelperKind) -> None:
    assert may_pair(a_household(), a_helper(kind=kind, village_code=NEXT_VILLAGE), FREE, TODAY) == ()


def test_a_neighbour_helps_in_their_own_village_only() -> None:
    here = a_helper(kind=HelperKind.NEIGHBOUR)
    next_door = a_helper(kind=HelperKind.NEIGHBOUR, village_code=NEXT_VILLAGE)
    assert may_pair(a_household(), here, FREE, TODAY) == ()
    assert may_pair(a_household(), next_door, FREE, TODAY) == (ReasonCode.OTHER_VILLAGE,)


@pytest.mark.parametrize("kind", HelperKind)
def test_nobody_helps_in_another_township(kind: HelperKind) -> None:
    far = a_helper(kind=kind, village_code=FAR_VILLAGE)
    assert may_pair(a_household(), far, FREE, TODAY) == (ReasonCode.OTHER_TOWNSHIP,)


def test_a_township_is_the_first_nine_digits() -> None:
    assert township_of(VILLAGE) == TOWNSHIP == township_of(TOWNSHIP)


def test_who_was_refused_once_is_not_proposed_again() -> None:
    helper = a_helper()
    assert may_pair(a_household(refused=[helper.id]), helper, FREE, TODAY) == (ReasonCode.REFUSED_BEFORE,)


CLEARED_ON = date(2025, 4, 15)


@pytest.mark.parametrize(
    ("day", "valid"),
    [
        (CLEARED_ON - timedelta(days=1), False),
        (CLEARED_ON, True),
        (date(2026, 4, 14), True),
        (date(2026, 4, 15), False),
    ],
)
def test_clearance_holds_from_its_day_for_twelve_months_and_not_a_day_longer(day: date, valid: bool) -> None:
    reasons = may_pair(a_household(has_minor=True), a_helper(cleared_on=CLEARED_ON), FREE, day)
    assert reasons == (() if valid else (ReasonCode.NOT_CLEARED,))


def test_clearance_is_asked_only_where_a_minor_lives() -> None:
    uncleared = a_helper(cleared_on=None)
    assert may_pair(a_household(has_minor=False), uncleared, FREE, TODAY) == ()
    assert may_pair(a_household(has_minor=True), uncleared, FREE, TODAY) == (ReasonCode.NOT_CLEARED,)


def test_clearance_of_a_leap_day_ends_with_february() -> None:
    assert clearance_ends_on(date(2024, 2, 29)) == date(2025, 2, 28)
    assert clearance_ends_on(date(2023, 2, 28)) == date(2024, 2, 28)
    assert clearance_ends_on(date(2023, 3, 1)) == date(2024, 3, 1)


def test_all_reasons_are_given_at_once() -> None:
    helper = a_helper(village_code=FAR_VILLAGE, cleared_on=None, active=False)
    household = a_household(has_minor=True, consented=False, enrolled=False, refused=[helper.id])
    assert set(may_pair(household, helper, Load(1, 0), TODAY)) == set(ReasonCode) - {
        ReasonCode.OTHER_VILLAGE,
        ReasonCode.NO_HELPER_NEAR,
        ReasonCode.ALL_SLOTS_TAKEN,
    }


def test_every_reason_and_merit_has_plain_words_in_both_languages() -> None:
    assert set(REASON_WORDS_EN) == set(REASON_WORDS_ZH) == set(ReasonCode)
    assert set(MERIT_WORDS_EN) == set(MERIT_WORDS_ZH) == set(MeritCode)


@pytest.mark.parametrize(
    ("categories", "tier"),
    [
        ({CareCategory.EMPTY_NEST}, 0),
        ({CareCategory.LEFT_BEHIND_CHILD, CareCategory.MIGRANT}, 0),
        ({CareCategory.TEMPORARILY_EMPTY_NEST}, 1),
        ({CareCategory.RESTRICTED}, 1),
        ({CareCategory.HARDSHIP, CareCategory.GIRL}, 1),
        ({CareCategory.LEFT_BEHIND_WOMAN}, 2),
        (set(), 2),
    ],
)
def test_the_most_urgent_category_sets_the_tier(categories: set[CareCategory], tier: int) -> None:
    assert urgency_tier(frozenset(categories)) == tier


def test_every_category_says_who_suits_it_and_what_may_not_be_named_says_nobody() -> None:
    assert set(SUITED) == set(CareCategory)
    assert SUITED[CareCategory.RESTRICTED] == frozenset()


def test_merits_and_fit_tell_the_same_story() -> None:
    lonely_and_poor = a_household("F001", CareCategory.EMPTY_NEST, CareCategory.HARDSHIP)
    soldier, leader = a_helper(kind=HelperKind.SERVICE_MEMBER), a_helper(kind=HelperKind.WELL_OFF_LEADER)
    elsewhere = a_helper(kind=HelperKind.VOLUNTEER, village_code=NEXT_VILLAGE)
    assert merits(lonely_and_poor, soldier) == (MeritCode.SAME_VILLAGE, MeritCode.SUITS_FIRST_NEED)
    assert merits(lonely_and_poor, leader) == (MeritCode.SAME_VILLAGE, MeritCode.SUITS_A_NEED)
    assert merits(lonely_and_poor, elsewhere) == (MeritCode.SAME_TOWNSHIP,)
    assert [fit(lonely_and_poor, helper) for helper in (soldier, leader, elsewhere)] == [0, 1, WORST_FIT]
