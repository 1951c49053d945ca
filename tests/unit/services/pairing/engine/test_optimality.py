"""The engine finds the optimum, always; and this test would notice if it did not."""

from uuid import UUID

import pytest
from hypothesis import given, settings

from services.pairing.engine import Problem, certificate, solve
from services.pairing.engine.assign import solve_in_process
from services.pairing.model import CareCategory, Load
from services.pairing.rules import ReasonCode
from tests.support.pairing import NEXT_VILLAGE, a_helper, a_household, a_problem, a_round, id_of, small_problems
from tests.unit.services.pairing.engine.exhaustive import aims, allowed, assignments, best, within_slots


def is_optimal(problem: Problem, pairs: dict[UUID, UUID]) -> bool:
    return aims(problem, pairs) == best(problem)


def greedy(problem: Problem) -> dict[UUID, UUID]:
    """A broken engine: gives each household, most urgent first, the best-suited helper still free."""
    pairs: dict[UUID, UUID] = {}
    for household in sorted(problem.eligible(), key=lambda each: problem.unserved_cost(each), reverse=True):
        able = [helper for helper in problem.helpers if problem.may_pair(household, helper)]
        for helper in sorted(able, key=lambda each: problem.pair_cost(household, each)):
            if within_slots(problem, pairs | {household.household_id: helper.id}):
                pairs[household.household_id] = helper.id
                break
    return pairs


@settings(max_examples=400, deadline=None)
@given(small_problems())
def test_no_assignment_at_all_is_better_than_the_engines(problem: Problem) -> None:
    answer = solve(problem, solve_in_process)
    assert answer.pairs in list(assignments(problem))
    assert is_optimal(problem, dict(answer.pairs))
    assert certificate(problem, answer.pairs).holds


@settings(max_examples=200, deadline=None)
@given(small_problems(households=3, helpers=3))
def test_a_certificate_holds_exactly_for_optimal_assignments(problem: Problem) -> None:
    least = best(problem)
    for pairs in assignments(problem):
        assert certificate(problem, pairs).holds == (aims(problem, pairs) == least)


@settings(max_examples=200, deadline=None)
@given(small_problems())
def test_the_cost_is_the_sum_of_its_parts_under_the_scale(problem: Problem) -> None:
    answer = solve(problem, solve_in_process)
    (first, second, third), lost, misfit, unfair = aims(problem, answer.pairs)
    parts = answer.parts
    assert (parts.unserved, parts.fit, parts.fairness) == (3 * first + 2 * second + third, misfit, unfair)
    assert parts.continuity == lost
    assert answer.cost == problem.scale.weigh(parts)


def test_control_arm_a_greedy_engine_is_caught() -> None:
    """Greedy gives the only neighbour-village helper away; the second household then has nobody."""
    anyone, cleared = a_helper("H0001"), a_helper("H0002", village_code=NEXT_VILLAGE)
    urgent = a_household("F001", CareCategory.EMPTY_NEST)
    picky = a_household("F002", CareCategory.MIGRANT, refused=[cleared.id])
    problem = a_problem([urgent, picky], [anyone, cleared])
    assert not is_optimal(problem, greedy(problem))
    assert not certificate(problem, greedy(problem)).holds
    assert is_optimal(problem, dict(solve(problem, solve_in_process).pairs))


def test_control_arm_greedy_leaves_a_round_worse_off() -> None:
    problem = a_round(120, 50, townships=2)
    assert not certificate(problem, greedy(problem)).holds
    assert certificate(problem, solve(problem, solve_in_process).pairs).holds


def test_a_more_urgent_household_is_never_left_for_any_number_of_less_urgent_ones() -> None:
    helper = a_helper("H0001", village_code=NEXT_VILLAGE)
    urgent = a_household("F009", CareCategory.EMPTY_NEST)
    others = [a_household(f"F00{n}", CareCategory.HARDSHIP, village_code=NEXT_VILLAGE) for n in range(1, 6)]
    problem = a_problem([*others, urgent], [helper], current={each.household_id: helper.id for each in others})
    answer = solve(problem, solve_in_process)
    assert dict(answer.pairs) == {urgent.household_id: helper.id}
    assert set(answer.unserved.values()) == {(ReasonCode.ALL_SLOTS_TAKEN,)}


def test_a_household_keeps_the_helper_it_knows_however_well_another_would_fit() -> None:
    known, nearer = a_helper("H0009", village_code=NEXT_VILLAGE), a_helper("H0001")
    household = a_household("F001", CareCategory.MIGRANT)
    problem = a_problem([household], [known, nearer], current={household.household_id: known.id})
    assert dict(solve(problem, solve_in_process).pairs) == {household.household_id: known.id}


def test_a_village_helper_comes_before_an_idle_one_from_elsewhere() -> None:
    busy, idle = a_helper("H0001", capacity=9), a_helper("H0002", village_code=NEXT_VILLAGE)
    household = a_household()
    problem = a_problem([household], [busy, idle], {busy.id: Load(8)})
    assert dict(solve(problem, solve_in_process).pairs) == {household.household_id: busy.id}


def test_load_is_spread_evenly_among_equally_fitting_helpers() -> None:
    helpers = [a_helper("H0001", capacity=4), a_helper("H0002", capacity=4)]
    households = [a_household(f"F00{n}") for n in range(4)]
    answer = solve(a_problem(households, helpers), solve_in_process)
    assert sorted(answer.pairs.values()) == sorted([helpers[0].id, helpers[1].id] * 2)


def test_a_helper_is_asked_for_no_more_new_pairs_than_the_month_allows() -> None:
    helper = a_helper("H0001", capacity=4)
    households = [a_household(f"F00{n}") for n in range(4)]
    known = {households[3].household_id: helper.id}
    problem = a_problem(households, [helper], {helper.id: Load(0, asks_left=1)}, known)
    answer = solve(problem, solve_in_process)
    assert len(answer.pairs) == 2
    assert households[3].household_id in answer.pairs


def test_everyone_left_without_a_helper_is_told_why() -> None:
    far = a_helper("H0001", village_code="220283106001")
    no_consent = a_household("F001", consented=False)
    alone = a_household("F002")
    answer = solve(a_problem([no_consent, alone], [far]), solve_in_process)
    assert answer.unserved == {
        no_consent.household_id: (ReasonCode.NO_CONSENT,),
        alone.household_id: (ReasonCode.NO_HELPER_NEAR,),
    }
    assert answer.cost == answer.parts.unserved * a_problem([no_consent, alone], [far]).scale.unserved


@settings(max_examples=200, deadline=None)
@given(small_problems())
def test_slots_are_named_as_the_reason_exactly_where_the_rules_leave_somebody(problem: Problem) -> None:
    for household, reasons in solve(problem, solve_in_process).unserved.items():
        someone = any(allowed(problem, household, helper.id) for helper in problem.helpers)
        assert reasons
        assert (reasons == (ReasonCode.ALL_SLOTS_TAKEN,)) == someone


@pytest.mark.parametrize("pairs", [{id_of("F001"): id_of("H0002")}, {id_of("F001"): id_of("H0001")}])
def test_a_certificate_is_refused_for_pairs_that_the_rules_forbid(pairs: dict[UUID, UUID]) -> None:
    problem = a_problem([a_household("F001", has_minor=True)], [a_helper("H0001", cleared_on=None)])
    with pytest.raises(ValueError, match="pair-forbidden"):
        certificate(problem, pairs)
