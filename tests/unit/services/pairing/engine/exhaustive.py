"""The optimum by trying every assignment: slow, small, and written without the engine's costs or network."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from uuid import UUID

from services.pairing.engine import Problem
from services.pairing.model import Load
from services.pairing.rules import TIERS, fit, household_may_not, may_pair, urgency_tier

Aims = tuple[tuple[int, ...], int, int, int]
"""Left without helper per tier, most urgent first; helpers lost that could stay; fit; fairness."""


def aims(problem: Problem, pairs: Mapping[UUID, UUID]) -> Aims:
    """What an assignment comes to, to be compared in this order."""
    willing = [each for each in problem.households if not household_may_not(each)]
    without = Counter(urgency_tier(each.categories) for each in willing if each.household_id not in pairs)
    kept = {each.household_id: wished(problem, each.household_id) for each in willing}
    lost = sum(helper is not None and pairs.get(household) != helper for household, helper in kept.items())
    misfit = sum(fit(problem.household[one], problem.helper[other]) for one, other in pairs.items())
    carried = Counter(pairs.values())
    unfair = sum(
        problem.loads.get(helper, Load()).carried + slot
        for helper, count in carried.items()
        for slot in range(count)
    )
    return tuple(without[tier] for tier in range(TIERS)), lost, misfit, unfair


def wished(problem: Problem, household: UUID) -> UUID | None:
    """The helper to be kept, or else the successor, if the rules let them come."""
    for wish in (problem.current.get(household), problem.successors.get(household)):
        if wish is not None and allowed(problem, household, wish):
            return wish
    return None


def allowed(problem: Problem, household: UUID, helper: UUID) -> bool:
    """Whether the rules allow the pair; an existing one is no new ask."""
    load = problem.loads.get(helper, Load())
    if problem.current.get(household) == helper:
        load = replace(load, asks_left=None)
    return not may_pair(problem.household[household], problem.helper[helper], load, problem.today)


def assignments(problem: Problem, forced: Mapping[UUID, UUID] | None = None) -> Iterator[dict[UUID, UUID]]:
    """Every assignment that the rules and the slots allow, with some pairs forced."""
    ids = [household.household_id for household in problem.households]
    options = [
        [forced[one]]
        if forced and one in forced
        else [None, *(helper.id for helper in problem.helpers if allowed(problem, one, helper.id))]
        for one in ids
    ]
    for choice in product(*options):
        pairs = {one: other for one, other in zip(ids, choice, strict=True) if other is not None}
        if within_slots(problem, pairs):
            yield pairs


def within_slots(problem: Problem, pairs: Mapping[UUID, UUID]) -> bool:
    """Whether no helper gets more pairs than slots, nor more new ones than asks."""
    new = Counter(other for one, other in pairs.items() if problem.current.get(one) != other)
    for helper, count in Counter(pairs.values()).items():
        load = problem.loads.get(helper, Load())
        if load.carried + count > problem.helper[helper].capacity:
            return False
        if load.asks_left is not None and new[helper] > load.asks_left:
            return False
    return True


def best(problem: Problem, forced: Mapping[UUID, UUID] | None = None) -> Aims | None:
    """The least aims of all, or None if nothing is possible with the forced pairs."""
    return min((aims(problem, pairs) for pairs in assignments(problem, forced)), default=None)
