"""A helper leaves: never held up, everyone concerned is offered someone new, the successor first."""

from datetime import timedelta
from uuid import UUID

from contracts.actor import Actor, Role
from contracts.codes import ConsentAnswer, EndReason, HelperKindCode, LeaveReason, Side
from contracts.pairing import HelperLeft, ListHelpers, MatchEnded, MatchProposed, RecordHelperLeaving
from services.pairing.jobs import carry_out_leaving
from tests.support.pairing_place import TODAY, Place, on_day, work_off
from tests.support.service_calls import Speaker, answered, refused


def ended(place: Place, match: dict[str, str]) -> MatchEnded:
    (found,) = [event for event in place.speaker.said(MatchEnded) if str(event.match_id) == match["match_id"]]
    assert isinstance(found, MatchEnded)
    return found


def test_the_successor_is_proposed_before_a_better_match(place: Place) -> None:
    leaver = place.helper(1, successor=3)
    household = place.household(1)
    place.open_round()
    old = place.one_match()
    place.make_active(old)
    better = place.helper(2, village=1)
    successor = place.helper(3, village=2, kind=HelperKindCode.DEPARTMENT_CONTACT)
    place.leave(leaver)
    work_off(place.speaker.runtime)
    over = ended(place, old)
    assert (over.reason, over.was_active, over.ended_on) == (EndReason.HELPER_LEFT, True, TODAY)
    new = place.one_match(state="proposed")
    assert (new["helper_id"], new["household_id"]) == (str(successor), str(household))
    assert new["replaces"] == old["match_id"]
    assert "named_successor" in new["reasons"]
    place.decline(new, Side.HELPER)
    after = place.one_match(state="proposed")
    assert (after["helper_id"], after["replaces"]) == (str(better), old["match_id"])


def test_control_without_a_successor_the_better_match_is_proposed(place: Place) -> None:
    leaver = place.helper(1)
    place.household(1)
    place.open_round()
    place.make_active(place.one_match())
    better = place.helper(2, village=1)
    place.helper(3, village=2, kind=HelperKindCode.DEPARTMENT_CONTACT)
    place.leave(leaver)
    work_off(place.speaker.runtime)
    assert place.one_match(state="proposed")["helper_id"] == str(better)


def test_nobody_is_repaired_silently(place: Place) -> None:
    leaver = place.helper(1, successor=2)
    place.household(1)
    place.open_round()
    place.make_active(place.one_match())
    place.helper(2)
    place.leave(leaver)
    work_off(place.speaker.runtime)
    assert place.matches(state="active") == []
    replacement = place.one_match(state="proposed")
    place.make_active(replacement)
    assert place.one_match(state="active")["match_id"] == replacement["match_id"]


def test_open_proposals_of_the_helper_fall_away_too(place: Place) -> None:
    leaver = place.helper(1, capacity=2)
    place.household(1)
    place.household(2)
    place.open_round()
    stands, open_still = place.proposed()
    place.make_active(stands)
    other = place.helper(2, capacity=2)
    place.leave(leaver)
    work_off(place.speaker.runtime)
    assert ended(place, stands).was_active
    assert not ended(place, open_still).was_active
    new = place.proposed()
    assert {match["helper_id"] for match in new} == {str(other)}
    assert {match["replaces"] for match in new} == {stands["match_id"], open_still["match_id"]}


def test_a_family_that_no_longer_agrees_is_offered_nobody_after_the_leaving(place: Place) -> None:
    leaver = place.helper(1)
    household = place.household(1)
    place.open_round()
    place.make_active(place.one_match())
    place.helper(2)
    place.leave(leaver)
    place.withdraw(household)
    work_off(place.speaker.runtime)
    assert place.proposed() == []
    place.answer(household, ConsentAnswer.YES)
    place.open_round()
    assert len(place.proposed()) == 1


def test_other_pairs_stay_as_they_are(place: Place) -> None:
    place.populate(households=40, helpers=40, seed=21)
    place.open_round()
    before = place.proposed()
    leaver = before[0]["helper_id"]
    place.leave(UUID(leaver))
    work_off(place.speaker.runtime)
    untouched = {match["match_id"] for match in before if match["helper_id"] != leaver}
    assert untouched <= {match["match_id"] for match in place.proposed()}


def test_an_announced_leaving_changes_nothing_before_its_day_but_nobody_new_is_asked(place: Place) -> None:
    leaver = place.helper(1, capacity=2)
    place.household(1)
    place.open_round()
    old = place.one_match()
    place.make_active(old)
    place.leave(leaver, days=10)
    assert place.state_of(old) == "active"
    place.household(2)
    place.open_round()
    assert place.proposed() == []
    runtime = place.speaker.runtime
    carry_out_leaving(on_day(runtime, TODAY + timedelta(days=9)))
    assert place.state_of(old) == "active"
    carry_out_leaving(on_day(runtime, TODAY + timedelta(days=10)))
    carry_out_leaving(on_day(runtime, TODAY + timedelta(days=11)))
    assert ended(place, old).ended_on == TODAY + timedelta(days=10)
    (left,) = [event for event in place.speaker.said(HelperLeft) if event.helper_id == leaver]
    assert (left.left_on, left.reason) == (TODAY + timedelta(days=10), LeaveReason.MOVED)


def test_an_announced_day_may_be_moved_and_leaving_at_once_is_still_possible(place: Place) -> None:
    leaver = place.helper(1)
    place.leave(leaver, days=10)
    place.leave(leaver, days=20)
    place.leave(leaver)
    assert [event.left_on for event in place.speaker.said(HelperLeft) if event.helper_id == leaver] == [TODAY]
    again = RecordHelperLeaving(helper_id=leaver, left_on=TODAY)
    assert refused(place.speaker.do(place.officer, again)) == (409, "helper-has-left")
    row = answered(place.speaker.ask(place.officer, ListHelpers()))["items"][0]
    assert row["active"] is False


def test_a_helper_leaves_for_themselves_and_nobody_else(speaker: Speaker, place: Place) -> None:
    me, other = place.helper(1), place.helper(2)
    leaving = RecordHelperLeaving(helper_id=me, left_on=TODAY)
    assert refused(speaker.do(place.as_helper(other), leaving)) == (404, "not-found")
    assert refused(speaker.do(Place.new(speaker).officer, leaving)) == (404, "not-found")
    unit = Actor(id="unit", roles=frozenset({Role.UNIT_OFFICER}), area=place.code)
    answered(speaker.do(place.as_helper(me, village=7), leaving))
    answered(speaker.do(unit, RecordHelperLeaving(helper_id=other, left_on=TODAY)))
    assert {event.helper_id for event in speaker.said(HelperLeft)} >= {me, other}


def test_a_job_that_runs_twice_proposes_once(place: Place) -> None:
    leaver = place.helper(1)
    place.household(1)
    place.open_round()
    place.make_active(place.one_match())
    place.helper(2)
    place.leave(leaver)
    work_off(place.speaker.runtime)
    place.speaker.rows(
        "update job set state = 'queued', run_at = now() where kind = 'rematch' and state = 'done' returning id"
    )
    work_off(place.speaker.runtime)
    assert len(place.proposed()) == 1
    told = [event for event in place.speaker.said(MatchProposed) if event.area_code.startswith(place.code)]
    assert len(told) == 2
