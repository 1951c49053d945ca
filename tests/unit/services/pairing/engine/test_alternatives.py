"""What another choice costs is what a full new solution with that choice forced costs, and nothing is hidden."""

from uuid import UUID

import pytest
from hypothesis import given, settings

from services.pairing.engine import Cost, Problem, alternatives, solve
from services.pairing.engine.assign import solve_in_process
from tests.support.pairing import NEXT_VILLAGE, a_helper, a_household, a_problem, small_problems
from tests.unit.services.pairing.engine.exhaustive import Aims, aims, allowed, best, within_slots


def as_cost(found: Aims) -> Cost:
    (first, second, third), lost, misfit, unfair = found
    return Cost(3 * first + 2 * second + third, lost, misfit, unfair)


def moved(pairs: dict[UUID, UUID], moves: dict[UUID, UUID | None]) -> dict[UUID, UUID]:
    return {one: other for one, other in (pairs | moves).items() if other is not None}


@settings(max_examples=300, deadline=None)
@given(small_problems())
def test_the_price_of_an_alternative_is_that_of_a_full_solution_with_it_forced(problem: Problem) -> None:
    pairs = dict(solve(problem, solve_in_process).pairs)
    optimum = as_cost(aims(problem, pairs))
    for household in problem.eligible():
        one = household.household_id
        offered = alternatives(problem, pairs, one, count=10)
        able = {helper.id for helper in problem.helpers if allowed(problem, one, helper.id)}
        assert {each.helper_id for each in offered} == able - {pairs.get(one)}
        assert [each.parts for each in offered] == sorted(each.parts for each in offered)
        for each in offered:
            forced = best(problem, {one: each.helper_id})
            assert forced is not None
            assert each.parts == as_cost(forced) - optimum
            assert each.extra_cost == problem.scale.weigh(each.parts)


@settings(max_examples=200, deadline=None)
@given(small_problems())
def test_the_moves_of_an_alternative_lead_to_exactly_the_price_named(problem: Problem) -> None:
    pairs = dict(solve(problem, solve_in_process).pairs)
    for household in problem.eligible():
        for each in alternatives(problem, pairs, household.household_id):
            after = moved(pairs, dict(each.moves))
            assert after[household.household_id] == each.helper_id
            assert within_slots(problem, after)
            assert as_cost(aims(problem, after)) - as_cost(aims(problem, pairs)) == each.parts


def test_control_arm_pricing_the_pair_alone_misses_what_the_others_pay() -> None:
    """Taking the helper next door pushes their present household two villages on: 3 + 3, not 3."""
    here, there = a_helper("H0001"), a_helper("H0002", village_code=NEXT_VILLAGE)
    one = a_household("F001")
    other = a_household("F002", village_code=NEXT_VILLAGE)
    problem = a_problem([one, other], [here, there])
    pairs = dict(solve(problem, solve_in_process).pairs)
    (choice,) = alternatives(problem, pairs, one.household_id)
    naive = problem.pair_cost(one, there) - problem.pair_cost(one, here)
    assert choice.parts == Cost(fit=6)
    assert naive == Cost(fit=3)
    assert choice.moves == {one.household_id: there.id, other.household_id: here.id}


def test_alternatives_are_refused_for_an_assignment_that_is_not_optimal() -> None:
    household = a_household("F001")
    problem = a_problem([household], [a_helper("H0001")])
    with pytest.raises(ValueError, match="assignment-not-optimal"):
        alternatives(problem, {}, household.household_id)


def test_a_household_that_may_not_be_paired_is_offered_nobody() -> None:
    household = a_household("F001", consented=False)
    assert alternatives(a_problem([household], [a_helper()]), {}, household.household_id) == ()
