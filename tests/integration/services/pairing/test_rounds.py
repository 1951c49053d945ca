"""A round proposes the exact optimum, legally, the same whatever the ids, and to the families who agreed only."""

from collections import Counter
from typing import Any
from uuid import UUID

from chassis.runtime import Runtime
from chassis.work import transact
from contracts.actor import Actor, Role
from contracts.area import AreaScope
from contracts.codes import CareCategoryCode, ConsentAnswer, ConsentPurpose
from contracts.pairing import GetMatchRound, ListHelpers, ListMatches, MatchProposed, OpenMatchRound
from services.pairing.engine.assign import solve, solve_in_process
from services.pairing.model import Load
from services.pairing.queries.situation import Situation, situation_of
from services.pairing.rules import may_pair
from services.pairing.store import care
from tests.support.pairing_place import TODAY, Place, work_off
from tests.support.service_calls import Speaker, answered, created, refused


def situation_in(runtime: Runtime, place: Place) -> Situation:
    county = runtime.system.scope

    def read(work: Any) -> Situation:
        return situation_of(work, care.without_pair(work, within=AreaScope(place.code)), within=county)

    return transact(runtime, runtime.system, read)


def test_a_round_proposes_the_exact_optimum_and_breaks_no_rule(runtime: Runtime, place: Place) -> None:
    place.populate(households=250, helpers=90, seed=7)
    before = situation_in(runtime, place)
    best = solve(before.problem, solve_in_process)
    round_id = place.open_round()
    view = answered(place.speaker.ask(place.officer, GetMatchRound(round_id=round_id)))
    assert view["state"] == "done"
    assert (view["cost"], view["proposed"], view["unserved"]) == (best.cost, len(best.pairs), len(best.unserved))
    proposed = place.proposed()
    assert len(proposed) == view["proposed"] > 0
    for match in proposed:
        household = before.problem.household[id_in(match, "household_id")]
        helper = before.problem.helper[id_in(match, "helper_id")]
        assert may_pair(household, helper, Load(), TODAY) == ()
        assert match["reasons"]
    asked = Counter(id_in(match, "helper_id") for match in proposed)
    assert all(number <= before.problem.helper[helper].capacity for helper, number in asked.items())


def id_in(match: dict[str, Any], field: str) -> Any:
    return UUID(match[field])


def test_every_proposal_is_told_once(place: Place) -> None:
    place.populate(households=30, helpers=20, seed=3)
    place.open_round()
    told = [event for event in place.speaker.said(MatchProposed) if event.area_code.startswith(place.code)]
    assert sorted(str(event.match_id) for event in told) == sorted(m["match_id"] for m in place.proposed())
    assert {event.replaces for event in told} == {None}


def test_the_same_people_under_other_ids_are_paired_the_same_way(speaker: Speaker) -> None:
    one, other = Place.new(speaker), Place.new(speaker)
    for place in (one, other):
        place.populate(households=80, helpers=35, seed=11)
        place.open_round()
    assert by_number(one) == by_number(other)
    assert len(by_number(one)) > 20


def by_number(place: Place) -> dict[str, tuple[str, str]]:
    return {
        match["household_number"][-4:]: (match["helper_number"][-4:], str(match["reasons"]))
        for match in place.proposed()
    }


def test_a_second_round_asks_nobody_twice(place: Place) -> None:
    place.populate(households=30, helpers=30, seed=5)
    place.open_round()
    first = place.proposed()
    second = place.open_round()
    view = answered(place.speaker.ask(place.officer, GetMatchRound(round_id=second)))
    assert view["proposed"] == 0
    assert place.proposed() == first


def test_a_family_that_did_not_agree_is_proposed_to_nobody(place: Place) -> None:
    place.helper(1, capacity=9)
    said_no, silent = place.household(1, consent=ConsentAnswer.NO), place.household(2, consent=None)
    agreed = place.household(3)
    place.open_round()
    assert [match["household_id"] for match in place.proposed()] == [str(agreed)]
    assert place.matches(household_id=said_no) == place.matches(household_id=silent) == []


def test_consent_to_another_purpose_is_no_consent_to_pairing(place: Place) -> None:
    place.helper(1)
    household = place.household(1, consent=None)
    place.answer(household, ConsentAnswer.YES, ConsentPurpose.VISITS)
    place.open_round()
    assert place.matches() == []


def test_the_more_urgent_family_comes_first_when_one_slot_is_left(place: Place) -> None:
    place.helper(1, capacity=1)
    place.household(1, CareCategoryCode.MIGRANT)
    urgent = place.household(2, CareCategoryCode.EMPTY_NEST)
    round_id = place.open_round()
    assert place.one_match()["household_id"] == str(urgent)
    assert answered(place.speaker.ask(place.officer, GetMatchRound(round_id=round_id)))["unserved"] == 1


def test_a_round_of_a_village_may_ask_helpers_of_the_township(place: Place) -> None:
    place.helper(1, village=2)
    here, _elsewhere = place.household(1, village=1), place.household(2, village=3)
    created(place.speaker.do(place.officer, OpenMatchRound(area_code=place.village(1))))
    work_off(place.speaker.runtime)
    assert place.one_match()["household_id"] == str(here)


def test_nobody_opens_a_round_outside_their_area_or_sees_its_pairs(speaker: Speaker, place: Place) -> None:
    place.populate(households=5, helpers=5, seed=1)
    stranger = Place.new(speaker).officer
    assert refused(speaker.do(stranger, OpenMatchRound(area_code=place.code))) == (404, "out-of-area")
    round_id = place.open_round()
    assert place.proposed()
    assert refused(speaker.ask(stranger, GetMatchRound(round_id=round_id))) == (404, "not-found")
    for match in place.proposed():
        assert place.matches(stranger, household_id=match["household_id"]) == []
    assert answered(speaker.ask(stranger, ListHelpers()))["items"] == []
    assert refused(speaker.ask(stranger, ListMatches(area_code=place.code))) == (404, "out-of-area")


def test_pairs_are_listed_page_by_page_without_loss(place: Place) -> None:
    place.populate(households=23, helpers=30, seed=2)
    place.open_round()
    seen, cursor = [], None
    while True:
        page = answered(place.speaker.ask(place.officer, ListMatches(limit=5, cursor=cursor)))
        seen += [match["match_id"] for match in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [match["match_id"] for match in place.matches()]
    assert len(seen) == len(set(seen)) > 10
    assert refused(place.speaker.ask(place.officer, ListMatches(cursor="nonsense"))) == (422, "body-invalid")


def test_what_a_helper_carries_counts_also_for_whom_the_officer_cannot_see(place: Place) -> None:
    place.helper(1, village=1, capacity=2)
    place.household(1, village=2)
    place.open_round()
    row = answered(place.speaker.ask(place.worker(1), ListHelpers()))["items"][0]
    assert (row["in_use"], row["capacity"]) == (1, 2)
    assert place.matches(place.worker(1)) == []


def test_the_working_group_sees_pairs_of_the_county(place: Place) -> None:
    place.helper(1)
    place.household(1)
    place.open_round()
    group = Actor(id="group", roles=frozenset({Role.WORKING_GROUP}), area=place.code[:6])
    page = answered(place.speaker.ask(group, ListMatches(area_code=place.code)))
    assert len(page["items"]) == 1
