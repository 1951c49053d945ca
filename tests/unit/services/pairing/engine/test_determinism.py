"""Numbers decide, never ids or the order in which things arrive."""

import pytest
from hypothesis import given, settings

from services.pairing.engine import Assignment, InvalidProblem, Problem, alternatives, solve
from services.pairing.engine.assign import Solver, solve_in_process
from services.pairing.engine.subprocess_solver import coldest_flows
from services.pairing.model import Load
from tests.support.pairing import a_helper, a_household, a_problem, a_round, small_problems

Numbers = list[tuple[str, str]]


def by_numbers(problem: Problem, answer: Assignment) -> Numbers:
    return [(problem.household[one].number, problem.helper[other].number) for one, other in answer.pairs.items()]


@pytest.mark.parametrize("solver", [solve_in_process, coldest_flows])
def test_other_ids_and_another_order_give_the_same_pairs(solver: Solver) -> None:
    rounds = [a_round(150, 60, salt=salt, shuffled=bool(salt)) for salt in ("", "another", "third")]
    first, *others = [by_numbers(problem, solve(problem, solver)) for problem in rounds]
    assert len(first) > 50
    assert others == [first, first]


def test_alternatives_come_in_the_same_order_whatever_the_ids() -> None:
    told: list[Numbers] = []
    for salt in ("", "another"):
        problem = a_round(60, 40, salt=salt, shuffled=bool(salt))
        pairs = solve(problem, solve_in_process).pairs
        told.append(
            [
                (household.number, problem.helper[each.helper_id].number)
                for household in problem.eligible()[:5]
                for each in alternatives(problem, pairs, household.household_id)
            ]
        )
    assert told[0] == told[1]
    assert len(told[0]) > 5


@settings(max_examples=100, deadline=None)
@given(small_problems())
def test_the_order_of_input_never_matters(problem: Problem) -> None:
    turned = Problem(problem.households[::-1], problem.helpers[::-1], problem.today, problem.loads, problem.current)
    assert list(solve(problem, solve_in_process).pairs.items()) == list(
        solve(turned, solve_in_process).pairs.items()
    )


def test_a_number_that_stands_twice_is_refused_because_it_could_not_break_a_tie() -> None:
    with pytest.raises(InvalidProblem, match="helper-number-twice"):
        a_problem([], [a_helper("H0001"), a_helper("H0001", salt="another")])
    with pytest.raises(InvalidProblem, match="household-number-twice"):
        a_problem([a_household("F001"), a_household("F001", salt="another")], [])


def test_a_load_below_zero_is_refused() -> None:
    helper = a_helper()
    with pytest.raises(InvalidProblem, match="load-below-zero"):
        a_problem([], [helper], {helper.id: Load(-1)})
