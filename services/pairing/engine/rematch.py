"""The best new helpers for households that lost theirs, while every other pair stays as it is."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from uuid import UUID

from services.pairing.engine.assign import Assignment, solve, solve_in_process
from services.pairing.engine.problem import Problem
from services.pairing.model import Helper, Load


def rematch(problem: Problem, fixed: Mapping[UUID, UUID], freed: Collection[UUID]) -> Assignment:
    """The exact optimum for the freed households alone; `fixed` pairs keep their helper and their slot.

    `problem.current` names the helper whom each freed household had. If that helper can no longer stand by
    it, the successor named by the unit comes before anyone else (P6), and the successor's own after them.
    """
    return solve(vacancies(problem, fixed, freed), solve_in_process)


def vacancies(problem: Problem, fixed: Mapping[UUID, UUID], freed: Collection[UUID]) -> Problem:
    """The problem that `rematch` solves; ask `alternatives` about this one. Raises ValueError if both."""
    if fixed.keys() & set(freed):
        raise ValueError("fixed-and-freed")
    households = tuple(each for each in problem.households if each.household_id in set(freed))
    vacant = replace(problem, households=households, loads=_loads(problem, fixed))
    return replace(vacant, successors=_successors(vacant))


def _loads(problem: Problem, fixed: Mapping[UUID, UUID]) -> dict[UUID, Load]:
    held = Counter(fixed.values())
    loads = {helper.id: problem.load(helper) for helper in problem.helpers}
    return {helper: replace(load, carried=load.carried + held[helper]) for helper, load in loads.items()}


def _successors(problem: Problem) -> dict[UUID, UUID]:
    by_number = {helper.number: helper for helper in problem.helpers}
    successors = {}
    for household in problem.households:
        had = problem.current.get(household.household_id)
        line = _line(problem.helper.get(had), by_number) if had else iter(())
        able = next((helper for helper in line if problem.may_pair(household, helper)), None)
        if able:
            successors[household.household_id] = able.id
    return successors


def _line(helper: Helper | None, by_number: Mapping[str, Helper]) -> Iterator[Helper]:
    """Successor after successor, each once."""
    seen: set[str] = set()
    while helper and helper.successor_number and helper.successor_number not in seen:
        seen.add(helper.successor_number)
        helper = by_number.get(helper.successor_number)
        if helper:
            yield helper
