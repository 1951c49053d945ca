"""Who else could be proposed, at what exact price, and why nobody else: in words."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from chassis.work import transact
from contracts.codes import HelperKindCode
from contracts.pairing import AcceptAsHelper, GetAlternatives
from services.pairing.engine.assign import solve, solve_in_process
from services.pairing.queries.alternatives import Question, _question
from services.pairing.store import matches
from tests.support.pairing_place import Place
from tests.support.service_calls import Speaker, answered, refused


def alternatives(place: Place, match: dict[str, Any]) -> dict[str, Any]:
    return answered(place.speaker.ask(place.officer, GetAlternatives(match_id=match["match_id"])))


def question(place: Place, match: dict[str, Any]) -> Question:
    runtime = place.speaker.runtime

    def read(work: Any) -> Question:
        kept = matches.find_match(work, UUID(match["match_id"]), within=work.scope)
        assert kept
        return _question(work, kept, within=work.scope)

    return transact(runtime, runtime.system, read)


def cost_with(asked: Question, helper: UUID) -> int:
    """The best cost with the household held to one helper: everybody else refused, unserved not worth it."""
    problem = asked.problem
    others = frozenset(each.id for each in problem.helpers if each.id != helper)
    held = tuple(
        replace(each, refused_helpers=others) if each.household_id == asked.household_id else each
        for each in problem.households
    )
    found = solve(replace(problem, households=held), solve_in_process)
    assert found.pairs.get(asked.household_id) == helper
    return problem.scale.weigh(found.parts)


def test_the_price_is_what_a_full_solve_with_the_other_helper_costs_more(place: Place) -> None:
    place.populate(households=20, helpers=40, seed=17)
    place.open_round()
    match = place.proposed()[0]
    told, asked = alternatives(place, match), question(place, match)
    mine = cost_with(asked, UUID(match["helper_id"]))
    assert len(told["alternatives"]) == 5
    for other in told["alternatives"]:
        assert other["extra_cost"] == cost_with(asked, UUID(other["helper_id"])) - mine >= 0
        assert other["helper_id"] != match["helper_id"]
        assert other["reasons_en"]
        assert len(other["reasons_zh"]) == len(other["reasons_en"])
    assert [each["extra_cost"] for each in told["alternatives"]] == sorted(
        each["extra_cost"] for each in told["alternatives"]
    )


def test_prices_stay_exact_when_the_township_is_no_longer_at_its_optimum(place: Place) -> None:
    far = place.helper(1, village=2)
    place.household(1, village=1)
    place.open_round()
    match = place.one_match()
    near = place.helper(2, village=1)
    (other,) = alternatives(place, match)["alternatives"]
    asked = question(place, match)
    assert other["helper_id"] == str(near)
    assert other["extra_cost"] == cost_with(asked, near) - cost_with(asked, far) < 0


def test_whoever_cannot_is_counted_with_the_reason_in_words(place: Place) -> None:
    place.helper(1, cleared_on=None)
    place.helper(2, cleared_on=None)
    place.helper(3, kind=HelperKindCode.NEIGHBOUR, village=2)
    place.helper(4)
    place.household(1, has_minor=True)
    place.open_round()
    told = alternatives(place, place.one_match())
    assert told["alternatives"] == []
    assert {each["code"]: each["helpers"] for each in told["excluded"]} == {"not_cleared": 2, "other_village": 1}
    assert all(each["reason_zh"] and each["reason_en"] for each in told["excluded"])


def test_whom_a_household_knows_has_its_weight_when_the_pair_stands(place: Place) -> None:
    place.helper(1, village=2)
    place.household(1, village=1)
    place.open_round()
    match = place.one_match()
    place.make_active(match)
    place.helper(2, village=1)
    (other,) = alternatives(place, match)["alternatives"]
    assert other["extra_cost"] > 0


def test_a_helper_whose_slot_was_agreed_to_is_not_offered(place: Place) -> None:
    place.helper(1)
    place.helper(2)
    place.household(1)
    place.household(2)
    place.open_round()
    first, second = place.proposed()
    assert len(alternatives(place, first)["alternatives"]) == 1
    answered(place.speaker.do(place.officer, AcceptAsHelper(match_id=second["match_id"])))
    told = alternatives(place, first)
    assert told["alternatives"] == []
    assert [each["code"] for each in told["excluded"]] == ["no_slot_left"]


def test_alternatives_are_for_officers_of_the_area(speaker: Speaker, place: Place) -> None:
    helper = place.helper(1)
    place.household(1)
    place.open_round()
    query = GetAlternatives(match_id=place.one_match()["match_id"])
    assert refused(speaker.ask(Place.new(speaker).officer, query)) == (404, "not-found")
    assert refused(speaker.ask(place.as_helper(helper), query)) == (403, "role-missing")
