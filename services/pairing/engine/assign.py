"""The exact best assignment of a round: solve township by township, then say who got whom and why not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.pairing.engine.cost import Cost, total
from services.pairing.engine.flow import pairs_of
from services.pairing.engine.network import Network, build
from services.pairing.engine.problem import Problem, by_number
from services.pairing.engine.residual import cheapest_flow
from services.pairing.engine.subprocess_solver import coldest_flows
from services.pairing.engine.unserved import why_unserved
from services.pairing.rules import ReasonCode

Solver = Callable[[Sequence[Network]], list[list[int]]]
"""Gives the exact minimum-cost flow of each network, aligned with its arcs."""


@dataclass(frozen=True)
class Assignment:
    """Proposed pairs (household id -> helper id, in order of numbers) and who stays without, with reasons.

    `cost` is one integer without unit, comparable within one problem; `parts` says what it is made of.
    Households that did not consent cost nothing.
    """

    pairs: Mapping[UUID, UUID]
    unserved: Mapping[UUID, tuple[ReasonCode, ...]]
    cost: int
    parts: Cost


def solve(problem: Problem, solver: Solver = coldest_flows) -> Assignment:
    """The exact optimum under P5's order of aims. Raises ColdSolveFailed."""
    networks = [build(township) for township in problem.townships()]
    return _assignment(problem, networks, solver(networks))


def solve_in_process(networks: Sequence[Network]) -> list[list[int]]:
    """The same optimum without a subprocess, for a handful of households."""
    return [cheapest_flow(network) for network in networks]


def _assignment(problem: Problem, networks: Sequence[Network], flows: list[list[int]]) -> Assignment:
    pairs: dict[UUID, UUID] = {}
    parts = Cost()
    for network, flow in zip(networks, flows, strict=True):
        pairs |= pairs_of(network, flow, before=problem.current)
        parts += flow_cost(network, flow)
    return Assignment(pairs, _unserved(networks, problem, pairs), problem.scale.weigh(parts), parts)


def flow_cost(network: Network, flow: list[int]) -> Cost:
    """What a flow costs, aim by aim; every arc but pools' carries one unit at most, and pools are free."""
    return total([cost for cost, units in zip(network.costs, flow, strict=True) if units])


def _unserved(
    networks: Sequence[Network], problem: Problem, pairs: Mapping[UUID, UUID]
) -> dict[UUID, tuple[ReasonCode, ...]]:
    reasons = {
        household.household_id: why_unserved(network, household)
        for network in networks
        for household in network.problem.households
        if household.household_id not in pairs
    }
    in_order = (each.household_id for each in sorted(problem.households, key=by_number))
    return {household: reasons[household] for household in in_order if household in reasons}
