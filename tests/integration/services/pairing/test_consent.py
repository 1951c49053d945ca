"""A withdrawal ends what stands, what is open and what is queued (L1); clearances end pairs with minors (P2)."""

from datetime import date, timedelta

import pytest

from chassis.inbox_store import counts
from contracts.codes import ConsentAnswer, ConsentPurpose, EndReason
from contracts.households import ConsentWithdrawn
from contracts.pairing import AcceptAsHousehold, MatchEnded, OpenMatchRound
from services.pairing.jobs import end_lapsed_clearances
from services.pairing.rules import clearance_ends_on
from tests.support.pairing_place import CLEARED, TODAY, Place, on_day, work_off
from tests.support.service_calls import created, refused


def endings(place: Place) -> list[tuple[str, bool, EndReason]]:
    return [
        (str(event.match_id), event.was_active, event.reason)
        for event in place.speaker.said(MatchEnded)
        if isinstance(event, MatchEnded) and event.area_code.startswith(place.code)
    ]


@pytest.mark.parametrize("stands", [True, False])
def test_a_withdrawal_ends_the_pair_or_the_open_proposal_and_nobody_new_is_sought(
    place: Place, stands: bool
) -> None:
    place.helper(1)
    place.helper(2)
    household = place.household(1)
    place.open_round()
    match = place.one_match()
    if stands:
        place.make_active(match)
    place.withdraw(household)
    work_off(place.speaker.runtime)
    assert endings(place) == [(match["match_id"], stands, EndReason.CONSENT_WITHDRAWN)]
    assert place.state_of(match) == ("ended" if stands else "withdrawn")
    place.open_round()
    assert place.proposed() == []


def test_a_later_no_counts_as_a_withdrawal(place: Place) -> None:
    place.helper(1)
    household = place.household(1)
    place.open_round()
    place.answer(household, ConsentAnswer.NO)
    assert [reason for _, _, reason in endings(place)] == [EndReason.CONSENT_WITHDRAWN]


def test_withdrawing_another_consent_leaves_the_pair_alone(place: Place) -> None:
    place.helper(1)
    household = place.household(1)
    place.open_round()
    place.withdraw(household, ConsentPurpose.MESSAGES)
    assert endings(place) == []


def test_a_withdrawal_stops_the_round_that_is_queued(place: Place) -> None:
    place.helper(1, capacity=2)
    withdraws, stays = place.household(1), place.household(2)
    created(place.speaker.do(place.officer, OpenMatchRound(area_code=place.code)))
    place.withdraw(withdraws)
    work_off(place.speaker.runtime)
    assert [match["household_id"] for match in place.proposed()] == [str(stays)]


def test_a_yes_after_the_withdrawal_comes_too_late(place: Place) -> None:
    place.helper(1)
    household = place.household(1)
    place.open_round()
    match = place.one_match()
    place.withdraw(household)
    late = place.speaker.do(place.officer, AcceptAsHousehold(match_id=match["match_id"]))
    assert refused(late) == (409, "match-already-answered")


def test_events_told_twice_are_applied_once(place: Place) -> None:
    place.helper(1)
    household = place.household(1)
    place.open_round()
    envelopes = place.speaker.tell(
        ConsentWithdrawn(
            household_id=household,
            area_code=place.village(),
            purpose=ConsentPurpose.PAIRING,
            withdrawn_on=TODAY,
        )
    )
    assert place.speaker.deliver(*envelopes) == 0
    assert len(endings(place)) == 1
    with place.speaker.runtime.database.begin() as connection:
        assert counts(connection) == {}


def test_a_minor_moving_in_ends_a_pair_without_clearance_and_someone_cleared_is_sought(place: Place) -> None:
    uncleared = place.helper(1, cleared_on=None)
    household = place.household(1)
    place.open_round()
    match = place.one_match()
    assert match["helper_id"] == str(uncleared)
    place.make_active(match)
    cleared = place.helper(2, cleared_on=CLEARED)
    place.reclassify(household, has_minor=True)
    work_off(place.speaker.runtime)
    assert endings(place) == [(match["match_id"], True, EndReason.NO_LONGER_ELIGIBLE)]
    new = place.one_match(state="proposed")
    assert (new["helper_id"], new["replaces"]) == (str(cleared), match["match_id"])


def test_a_minor_moving_in_leaves_a_cleared_helper_where_they_are(place: Place) -> None:
    place.helper(1, cleared_on=CLEARED)
    household = place.household(1)
    place.open_round()
    place.make_active(place.one_match())
    place.reclassify(household, has_minor=True)
    assert endings(place) == []


@pytest.mark.parametrize(("has_minor", "days", "ends"), [(True, -1, 0), (True, 0, 1), (False, 0, 0)])
def test_a_clearance_ends_on_the_day_and_with_it_only_what_faces_a_minor(
    place: Place, has_minor: bool, days: int, ends: int
) -> None:
    cleared_on = date(2025, 5, 20)
    place.helper(1, cleared_on=cleared_on)
    place.household(1, has_minor=has_minor)
    place.open_round()
    place.make_active(place.one_match())
    end_lapsed_clearances(on_day(place.speaker.runtime, clearance_ends_on(cleared_on) + timedelta(days=days)))
    mine = [reason for _, _, reason in endings(place)]
    assert mine == [EndReason.NO_LONGER_ELIGIBLE] * ends


@pytest.mark.parametrize("covered", [False, True])
def test_a_yes_that_does_not_count_for_the_children_of_the_house_pairs_nobody(place: Place, covered: bool) -> None:
    place.helper(1, cleared_on=CLEARED)
    household = place.household(1, has_minor=True, consent=None)
    place.answer(household, ConsentAnswer.YES, covers_children=covered)
    place.open_round()
    assert len(place.matches()) == covered
