"""A pair comes to stand in order, helper first, and either side may always say no before."""

from datetime import date, timedelta

import pytest

from contracts.codes import DeclineReason, EndReason, Side
from contracts.refusals import Refusal
from services.pairing.model import (
    ALREADY_ANSWERED,
    HELPER_NOT_ASKED_FIRST,
    NOT_ACTIVE,
    STANDING,
    STILL_TIME_TO_ANSWER,
    Match,
    MatchState,
)
from tests.support.pairing import TODAY, VILLAGE, id_of

LAST_DAY = TODAY + timedelta(days=7)


def a_match(state: MatchState = MatchState.PROPOSED) -> Match:
    return Match(
        id=id_of("M1"),
        household_id=id_of("F001"),
        helper_id=id_of("H0001"),
        area_code=VILLAGE,
        proposed_on=TODAY,
        answer_by=LAST_DAY,
        state=state,
    )


def test_the_helper_says_yes_then_the_household_and_the_pair_stands() -> None:
    accepted = a_match().accept_as_helper(TODAY)
    assert isinstance(accepted, Match)
    active = accepted.accept_as_household(LAST_DAY)
    assert isinstance(active, Match)
    assert (active.state, active.helper_accepted_on, active.started_on) == (MatchState.ACTIVE, TODAY, LAST_DAY)


def test_the_household_is_not_asked_before_the_helper() -> None:
    assert a_match().accept_as_household(TODAY) is HELPER_NOT_ASKED_FIRST


@pytest.mark.parametrize("state", [MatchState.PROPOSED, MatchState.HELPER_ACCEPTED])
@pytest.mark.parametrize("by", Side)
def test_either_side_may_decline_until_the_pair_stands(state: MatchState, by: Side) -> None:
    declined = a_match(state).decline(by, DeclineReason.NOT_NOW, TODAY)
    assert isinstance(declined, Match)
    assert declined.state == f"declined_by_{by}"
    assert (declined.closed_on, declined.closing_reason) == (TODAY, DeclineReason.NOT_NOW)


def test_a_proposal_lapses_the_day_after_the_last_and_not_before() -> None:
    assert a_match().lapse(LAST_DAY) is STILL_TIME_TO_ANSWER
    lapsed = a_match().lapse(LAST_DAY + timedelta(days=1))
    assert isinstance(lapsed, Match)
    assert lapsed.state is MatchState.LAPSED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (MatchState.PROPOSED, MatchState.WITHDRAWN),
        (MatchState.HELPER_ACCEPTED, MatchState.WITHDRAWN),
        (MatchState.ACTIVE, MatchState.ENDED),
    ],
)
def test_a_withdrawn_consent_stops_a_pair_wherever_it_is(before: MatchState, after: MatchState) -> None:
    stopped = a_match(before).stop(EndReason.CONSENT_WITHDRAWN, TODAY)
    assert isinstance(stopped, Match)
    assert (stopped.state, stopped.closing_reason) == (after, EndReason.CONSENT_WITHDRAWN)


@pytest.mark.parametrize("state", sorted(set(MatchState) - STANDING))
def test_what_is_over_stays_over(state: MatchState) -> None:
    late: date = LAST_DAY + timedelta(days=1)
    over = a_match(state)
    answers: list[Match | Refusal] = [
        over.accept_as_helper(TODAY),
        over.accept_as_household(TODAY),
        over.decline(Side.HOUSEHOLD, DeclineReason.NOT_SAID, TODAY),
        over.lapse(late),
        over.withdraw(EndReason.HELPER_LEFT, TODAY),
        over.stop(EndReason.HELPER_LEFT, TODAY),
    ]
    assert answers == [ALREADY_ANSWERED] * len(answers)
    assert over.end(EndReason.HELPER_LEFT, TODAY) is NOT_ACTIVE


def test_a_standing_pair_is_ended_never_declined_or_lapsed() -> None:
    active = a_match(MatchState.ACTIVE)
    assert active.decline(Side.HELPER, DeclineReason.NOT_NOW, TODAY) is ALREADY_ANSWERED
    assert active.lapse(LAST_DAY + timedelta(days=1)) is ALREADY_ANSWERED
    assert a_match().end(EndReason.HELPER_LEFT, TODAY) is NOT_ACTIVE
