"""Both sides are asked, each answers for itself, and a no is remembered."""

from typing import Any
from uuid import UUID

from contracts.codes import DeclineReason, Rhythm, Side
from contracts.messages import Event
from contracts.pairing import (
    AcceptAsHelper,
    AcceptAsHousehold,
    DeclineMatch,
    HelperAccepted,
    MatchActivated,
    MatchDeclined,
    MatchProposed,
)
from tests.support.pairing_place import CANARY_NAME, CANARY_PHONE, CLEARED, TODAY, Place, work_off
from tests.support.service_calls import Speaker, answered, refused


def test_two_yeses_make_a_pair_in_the_rhythm_that_the_household_wishes(place: Place) -> None:
    helper, household = place.helper(1), place.household(1)
    place.open_round()
    match = place.one_match()
    answered(place.speaker.do(place.as_helper(helper), AcceptAsHelper(match_id=match["match_id"])))
    yes = AcceptAsHousehold(match_id=match["match_id"], rhythm=Rhythm.FORTNIGHTLY)
    answered(place.speaker.do(place.as_family(household), yes))
    stands = place.one_match(state="active")
    assert (stands["rhythm"], stands["started_on"]) == ("fortnightly", str(TODAY))
    assert told(place, HelperAccepted, match)
    (activated,) = told(place, MatchActivated, match)
    assert (activated.rhythm, activated.started_on, activated.replaces) == (Rhythm.FORTNIGHTLY, TODAY, None)


def told(place: Place, event: type[Event], match: dict[str, Any]) -> list[Any]:
    return [each for each in place.speaker.said(event) if each.subject == match["match_id"]]


def test_the_household_is_asked_after_the_helper(place: Place) -> None:
    place.helper(1)
    household = place.household(1)
    place.open_round()
    match = place.one_match()
    too_early = place.speaker.do(place.as_family(household), AcceptAsHousehold(match_id=match["match_id"]))
    assert refused(too_early) == (409, "helper-has-not-accepted")
    assert place.state_of(match) == "proposed"


def test_nobody_answers_for_somebody_else(speaker: Speaker, place: Place) -> None:
    helper, household = place.helper(1), place.household(1)
    place.open_round()
    match_id = place.one_match()["match_id"]
    other_helper, other_family = place.as_helper(UUID(int=1)), place.as_family(UUID(int=2))
    yes, also_yes = AcceptAsHelper(match_id=match_id), AcceptAsHousehold(match_id=match_id)
    assert refused(speaker.do(other_helper, yes)) == (404, "not-found")
    assert refused(speaker.do(other_family, also_yes)) == (404, "not-found")
    for actor, by in (
        (place.as_helper(helper), Side.HOUSEHOLD),
        (place.as_family(household), Side.HELPER),
        (place.as_helper(household), Side.HELPER),
        (other_helper, Side.HELPER),
    ):
        assert refused(speaker.do(actor, DeclineMatch(match_id=match_id, by=by))) == (404, "not-found")
    assert refused(speaker.do(Place.new(speaker).officer, yes)) == (404, "not-found")
    assert place.one_match()["state"] == "proposed"


def test_a_helper_from_the_next_village_answers_and_sees_their_own_pair(place: Place) -> None:
    helper = place.helper(1, village=2)
    place.household(1, village=1)
    place.open_round()
    me = place.as_helper(helper, village=2)
    (own,) = place.matches(me)
    answered(place.speaker.do(me, AcceptAsHelper(match_id=own["match_id"])))
    assert place.state_of(own) == "helper_accepted"


def test_helpers_and_families_see_nothing_but_their_own(place: Place) -> None:
    helpers = [place.helper(number) for number in (1, 2)]
    households = [place.household(number) for number in (1, 2)]
    place.open_round()
    for helper in helpers:
        assert {match["helper_id"] for match in place.matches(place.as_helper(helper))} == {str(helper)}
    for household in households:
        assert {m["household_id"] for m in place.matches(place.as_family(household))} == {str(household)}
    assert place.matches(place.as_helper(helpers[0]), helper_id=helpers[1]) == []
    assert place.matches(place.as_family(households[0]), household_id=households[1]) == []


def test_a_village_worker_records_an_answer_although_the_helper_lives_elsewhere(place: Place) -> None:
    place.helper(1, village=2)
    place.household(1, village=1)
    place.open_round()
    match = place.one_match()
    assert refused(place.speaker.do(place.worker(3), AcceptAsHelper(match_id=match["match_id"]))) == (
        404,
        "not-found",
    )
    answered(place.speaker.do(place.worker(1), AcceptAsHelper(match_id=match["match_id"])))
    assert place.state_of(match) == "helper_accepted"


def test_an_answer_is_given_once(place: Place) -> None:
    place.helper(1)
    place.household(1)
    place.open_round()
    match = place.one_match()
    place.make_active(match)
    for again in (AcceptAsHelper(match_id=match["match_id"]), AcceptAsHousehold(match_id=match["match_id"])):
        assert refused(place.speaker.do(place.officer, again)) == (409, "match-already-answered")


def test_after_a_no_the_next_best_is_proposed_and_the_no_is_remembered(place: Place) -> None:
    near, next_village = place.helper(1, village=1), place.helper(2, village=2)
    household = place.household(1, village=1)
    place.open_round()
    first = place.one_match()
    assert first["helper_id"] == str(near)
    place.decline(first, Side.HELPER, reason=DeclineReason.TOO_FAR)
    second = place.one_match(state="proposed")
    assert (second["helper_id"], second["household_id"]) == (str(next_village), str(household))
    assert second["replaces"] is None
    (declined,) = told(place, MatchDeclined, first)
    assert (declined.by, declined.reason) == (Side.HELPER, DeclineReason.TOO_FAR)
    place.decline(second, Side.HOUSEHOLD)
    assert place.proposed() == []
    place.open_round()
    assert place.proposed() == []
    third = place.helper(3, village=2)
    place.open_round()
    assert place.one_match(state="proposed")["helper_id"] == str(third)


def test_a_no_moves_no_other_pair(place: Place) -> None:
    place.populate(households=40, helpers=30, seed=9)
    place.open_round()
    before = place.proposed()
    place.decline(before[0])
    after = {match["match_id"] for match in place.proposed()}
    assert after >= {match["match_id"] for match in before[1:]}
    assert len(after) <= len(before)


def test_a_family_that_wishes_nobody_any_more_is_not_asked_at_once_again(place: Place) -> None:
    place.helper(1)
    place.helper(2)
    place.household(1)
    place.open_round()
    place.decline(place.one_match(), Side.HOUSEHOLD, reason=DeclineReason.NO_LONGER_WISHED)
    assert place.proposed() == []


def test_a_clearance_that_ended_meanwhile_holds_the_yes_back(place: Place) -> None:
    place.helper(1, cleared_on=CLEARED)
    place.household(1, has_minor=True)
    place.open_round()
    match = place.one_match()
    place.speaker.rows("update helper set cleared_on = null where id = :id returning id", id=match["helper_id"])
    answer = place.speaker.do(place.officer, AcceptAsHelper(match_id=match["match_id"]))
    assert refused(answer) == (409, "helper-not-cleared")


def test_a_helper_with_fewer_slots_than_before_takes_no_more_than_these(place: Place) -> None:
    place.helper(1, capacity=2)
    place.household(1)
    place.household(2)
    place.open_round()
    first, second = place.proposed()
    answered(place.speaker.do(place.officer, AcceptAsHelper(match_id=first["match_id"])))
    place.speaker.rows("update helper set capacity = 1 where id = :id returning id", id=first["helper_id"])
    answer = place.speaker.do(place.officer, AcceptAsHelper(match_id=second["match_id"]))
    assert refused(answer) == (409, "helper-no-slot-left")


def test_a_repeated_key_answers_once_and_tells_once(place: Place) -> None:
    place.helper(1)
    place.household(1)
    place.open_round()
    match = place.one_match()
    for _ in range(2):
        answered(place.speaker.do(place.officer, AcceptAsHelper(match_id=match["match_id"]), key="k-1"))
    assert len(told(place, HelperAccepted, match)) == 1


def test_nothing_personal_is_in_what_is_told_queued_or_recorded(place: Place) -> None:
    place.helper(1)
    place.helper(2)
    place.household(1)
    place.open_round()
    place.decline(place.one_match())
    work_off(place.speaker.runtime)
    assert place.speaker.said(MatchProposed)
    everything = place.speaker.everything_kept()
    assert CANARY_NAME not in everything
    assert CANARY_PHONE not in everything
