"""Who else could stand by a household, and what choosing them would cost, exactly."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.pairing.engine.certificate import lowest_reduced_cost, potentials
from services.pairing.engine.cost import Cost
from services.pairing.engine.flow import flow_of, pairs_of
from services.pairing.engine.network import build
from services.pairing.engine.problem import Problem
from services.pairing.engine.residual import Residual, Step, path, ways_to
from services.pairing.model import Helper, HouseholdCare


@dataclass(frozen=True)
class Alternative:
    """Another helper for one household, with everything else re-optimised around that choice.

    `extra_cost` is the best cost with this pair forced, less the optimum. `moves` names every household
    whose helper would change, with the new one or None: nobody is moved unseen.
    """

    helper_id: UUID
    extra_cost: int
    parts: Cost
    moves: Mapping[UUID, UUID | None]


def alternatives(
    problem: Problem, pairs: Mapping[UUID, UUID], household_id: UUID, count: int = 5
) -> tuple[Alternative, ...]:
    """The `count` cheapest other helpers for a household of an optimal assignment, cheapest first.

    Forcing a pair closes one cycle through it in the residual network, so its price is the cheapest way
    back: one Dijkstra run prices them all. Ties go to the lower helper number. Raises ValueError for pairs
    that the rules forbid or that are not optimal; gives nothing for a household that may not be paired.
    """
    township = problem.township_around(problem.household[household_id])
    network = build(township)
    if household_id not in network.household_node:
        return ()
    flow = flow_of(network, pairs)
    residual = Residual(network, flow, potentials(network, flow))
    if lowest_reduced_cost(network, flow, residual.potentials) < 0:
        raise ValueError("assignment-not-optimal")
    found = _by_price(residual, problem.household[household_id], pairs.get(household_id))
    return tuple(_told(problem, residual, each, pairs, household_id) for each in found[:count])


Found = tuple[Helper, list[Step], Cost]
"""A helper, the cheapest way back from taking them, and what the choice costs in all."""


def _by_price(residual: Residual, household: HouseholdCare, chosen: UUID | None) -> list[Found]:
    network = residual.network
    home = network.household_node[household.household_id]
    follow = ways_to(residual, home)
    found: list[Found] = []
    for helper in network.helpers:
        entry = network.entry(household, helper)
        if helper.id == chosen or entry not in follow or not network.problem.may_pair(household, helper):
            continue
        back = path(residual, entry, home, follow)
        found.append((helper, back, network.problem.pair_cost(household, helper) + residual.cost(back)))
    return sorted(found, key=lambda each: (each[2], each[0].number))


def _told(
    problem: Problem, residual: Residual, found: Found, pairs: Mapping[UUID, UUID], household: UUID
) -> Alternative:
    helper, back, parts = found
    network = residual.network
    changed = Residual(network, list(residual.flow), residual.potentials)
    changed.push(back)
    after = pairs_of(network, changed.flow, before=pairs) | {household: helper.id}
    moves = {
        each.household_id: after.get(each.household_id)
        for each in network.households
        if after.get(each.household_id) != pairs.get(each.household_id)
    }
    return Alternative(helper.id, problem.scale.weigh(parts), parts, moves)
