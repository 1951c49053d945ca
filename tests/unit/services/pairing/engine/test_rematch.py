"""Who lost their helper gets the best there is, the named successor first, and nobody else is moved."""

from collections import Counter
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings

from services.pairing.engine import Problem, alternatives, rematch, solve
from services.pairing.engine.assign import solve_in_process
from services.pairing.engine.rematch import vacancies
from services.pairing.model import Load
from tests.support.pairing import NEXT_VILLAGE, a_helper, a_household, a_problem, small_problems
from tests.unit.services.pairing.engine.exhaustive import aims, best


def after_leaving(problem: Problem, pairs: dict[UUID, UUID], leaving: UUID) -> tuple[Problem, dict[UUID, UUID]]:
    helpers = tuple(replace(each, active=each.active and each.id != leaving) for each in problem.helpers)
    fixed = {one: other for one, other in pairs.items() if other != leaving}
    return replace(problem, helpers=helpers, current=pairs), fixed


@settings(max_examples=300, deadline=None)
@given(small_problems(households=5))
def test_the_freed_get_the_exact_best_with_every_other_pair_held(problem: Problem) -> None:
    pairs = dict(solve(problem, solve_in_process).pairs)
    for leaving in set(pairs.values()):
        then, fixed = after_leaving(problem, pairs, leaving)
        freed = pairs.keys() - fixed.keys()
        answer = rematch(then, fixed, freed)
        assert answer.pairs.keys() | answer.unserved.keys() == freed
        vacant = vacancies(then, fixed, freed)
        assert aims(vacant, answer.pairs) == best(vacant)
        assert held_within_slots(then, fixed | dict(answer.pairs))


def held_within_slots(problem: Problem, pairs: dict[UUID, UUID]) -> bool:
    carried = Counter(pairs.values())
    loads = {helper: problem.loads.get(helper, Load()).carried for helper in carried}
    return all(loads[one] + carried[one] <= problem.helper[one].capacity for one in carried)


def test_the_named_successor_is_asked_before_a_better_fitting_helper() -> None:
    left = a_helper("H0001", active=False, successor_number="H0003")
    nearer, successor = a_helper("H0002"), a_helper("H0003", village_code=NEXT_VILLAGE)
    household = a_household("F001")
    problem = a_problem([household], [left, nearer, successor], current={household.household_id: left.id})
    assert rematch(problem, {}, [household.household_id]).pairs == {household.household_id: successor.id}


def test_control_arm_without_the_name_the_nearer_helper_is_proposed() -> None:
    left = a_helper("H0001", active=False)
    nearer, other = a_helper("H0002"), a_helper("H0003", village_code=NEXT_VILLAGE)
    household = a_household("F001")
    problem = a_problem([household], [left, nearer, other], current={household.household_id: left.id})
    assert rematch(problem, {}, [household.household_id]).pairs == {household.household_id: nearer.id}


def test_a_successor_who_may_not_come_is_passed_over_for_their_own_successor() -> None:
    left = a_helper("H0001", active=False, successor_number="H0002")
    uncleared = a_helper("H0002", cleared_on=None, successor_number="H0003")
    second = a_helper("H0003", village_code=NEXT_VILLAGE, successor_number="H0001")
    nearer = a_helper("H0004")
    household = a_household("F001", has_minor=True)
    helpers = [left, uncleared, second, nearer]
    problem = a_problem([household], helpers, current={household.household_id: left.id})
    assert rematch(problem, {}, [household.household_id]).pairs == {household.household_id: second.id}


def test_a_successor_is_asked_for_no_more_new_pairs_than_the_month_allows() -> None:
    left = a_helper("H0001", active=False, successor_number="H0002")
    successor = a_helper("H0002", capacity=3)
    households = [a_household(f"F00{n}") for n in range(3)]
    current = {each.household_id: left.id for each in households}
    problem = a_problem(households, [left, successor], {successor.id: Load(0, asks_left=1)}, current)
    assert len(rematch(problem, {}, list(current)).pairs) == 1


def test_a_held_pair_keeps_its_slot_even_from_a_more_urgent_household() -> None:
    helper = a_helper("H0001")
    held, freed = a_household("F001"), a_household("F002")
    problem = a_problem([held, freed], [helper])
    assert rematch(problem, {held.household_id: helper.id}, [freed.household_id]).pairs == {}


def test_alternatives_to_a_replacement_leave_held_pairs_alone() -> None:
    helpers = [a_helper("H0001"), a_helper("H0002"), a_helper("H0003", village_code=NEXT_VILLAGE)]
    held, freed = a_household("F001"), a_household("F002")
    problem = a_problem([held, freed], helpers)
    fixed = {held.household_id: helpers[0].id}
    vacant = vacancies(problem, fixed, [freed.household_id])
    answer = rematch(problem, fixed, [freed.household_id])
    (offered,) = alternatives(vacant, answer.pairs, freed.household_id)
    assert offered.moves == {freed.household_id: helpers[2].id}


def test_a_pair_cannot_be_held_and_freed_at_once() -> None:
    household, helper = a_household(), a_helper()
    with pytest.raises(ValueError, match="fixed-and-freed"):
        rematch(a_problem([household], [helper]), {household.household_id: helper.id}, [household.household_id])
