"""Whose visit a report is, and what about it is flagged, by the day of the visit."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest

from chassis.ids import new_id
from services.activities.model import ConsentSpan, KnownHousehold, KnownMatch, VisitFlag
from services.activities.rules import flags_of, is_theirs, match_of
from tests.support.activities import TODAY, VILLAGE

HOUSEHOLD, HELPER, MATCH = new_id(), new_id(), new_id()
DAY = timedelta(days=1)
SINCE_LONG = ConsentSpan(TODAY - 90 * DAY, None)


def a_match(
    helper_id: UUID = HELPER, started_on: date = TODAY - 60 * DAY, ended_on: date | None = None
) -> KnownMatch:
    return KnownMatch(MATCH, HOUSEHOLD, helper_id, VILLAGE, None, started_on, ended_on)


def known(matches: Sequence[KnownMatch] = (), consents: Sequence[ConsentSpan] = (SINCE_LONG,)) -> KnownHousehold:
    return KnownHousehold(HOUSEHOLD, VILLAGE, matches, consents)


def test_a_household_is_a_helpers_own_while_the_pair_stands_and_after() -> None:
    assert is_theirs(known([a_match()]), HELPER)
    assert is_theirs(known([a_match(ended_on=TODAY - DAY)]), HELPER)


def test_a_household_is_not_a_strangers() -> None:
    assert not is_theirs(known([a_match()]), new_id())
    assert not is_theirs(known(), HELPER)
    assert not is_theirs(known([a_match()]), None)


def test_an_officers_report_is_linked_to_any_pair_of_the_household() -> None:
    assert match_of(known([a_match()]), MATCH, None) == a_match()


def test_a_helpers_report_is_never_linked_to_another_helpers_pair() -> None:
    assert match_of(known([a_match(helper_id=new_id())]), MATCH, HELPER) is None


def test_a_report_about_a_standing_pair_with_consent_carries_no_flag() -> None:
    assert flags_of(known([a_match()]), MATCH, a_match(), TODAY) == ()


def test_a_report_that_names_no_pair_is_not_flagged_for_that() -> None:
    assert flags_of(known(), None, None, TODAY) == ()


def test_a_pair_that_nobody_knows_is_flagged() -> None:
    assert flags_of(known(), new_id(), None, TODAY) == (VisitFlag.MATCH_UNKNOWN,)


@pytest.mark.parametrize(
    ("visited_on", "flagged"),
    [(TODAY - 61 * DAY, True), (TODAY - 60 * DAY, False), (TODAY - 5 * DAY, False), (TODAY - 4 * DAY, True)],
)
def test_a_visit_before_or_after_the_pair_stood_is_flagged(visited_on: date, flagged: bool) -> None:
    match = a_match(ended_on=TODAY - 5 * DAY)
    assert (VisitFlag.OUTSIDE_MATCH in flags_of(known([match]), MATCH, match, visited_on)) is flagged


@pytest.mark.parametrize(
    ("visited_on", "flagged"),
    [
        (TODAY - 11 * DAY, True),
        (TODAY - 10 * DAY, False),
        (TODAY - 6 * DAY, False),
        (TODAY - 5 * DAY, True),
        (TODAY - 3 * DAY, True),
        (TODAY - 2 * DAY, False),
    ],
)
def test_consent_is_judged_by_the_day_of_the_visit(visited_on: date, flagged: bool) -> None:
    consents = [ConsentSpan(TODAY - 10 * DAY, TODAY - 5 * DAY), ConsentSpan(TODAY - 2 * DAY, None)]
    found = flags_of(known(consents=consents), None, None, visited_on)
    assert found == ((VisitFlag.WITHOUT_CONSENT,) if flagged else ())


def test_a_household_that_never_answered_has_not_consented() -> None:
    assert flags_of(known(consents=()), None, None, TODAY) == (VisitFlag.WITHOUT_CONSENT,)
