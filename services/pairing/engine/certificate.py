"""Proof that an assignment cannot be bettered: potentials under which every residual arc costs at least 0."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from services.pairing.engine.flow import flow_of
from services.pairing.engine.network import Network, build
from services.pairing.engine.problem import Problem

NO_LIMIT = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Certificate:
    """`lowest_reduced_cost` is the least over all residual arcs; the assignment is optimal if it is >= 0."""

    lowest_reduced_cost: int

    @property
    def holds(self) -> bool:
        """Whether the assignment is proven optimal."""
        return self.lowest_reduced_cost >= 0


def certificate(problem: Problem, pairs: Mapping[UUID, UUID]) -> Certificate:
    """Judge pairs (household id -> helper id) as the answer to the whole problem, whoever found them.

    By linear-programming duality: a flow is cheapest exactly if such potentials exist (Ahuja, Magnanti and
    Orlin, Network Flows, 1993, theorem 9.3). Raises ValueError for pairs that the rules forbid.
    """
    lowest = [_lowest(build(township), pairs) for township in problem.townships()]
    return Certificate(min(lowest, default=0))


def _lowest(network: Network, pairs: Mapping[UUID, UUID]) -> int:
    flow = flow_of(network, pairs)
    return lowest_reduced_cost(network, flow, potentials(network, flow))


def lowest_reduced_cost(network: Network, flow: list[int], potentials: list[int]) -> int:
    """The least reduced cost of an arc on which the flow could still change, given any potentials."""
    tails, heads, weights = _residual_arcs(network, flow)
    at = np.asarray(potentials, dtype=np.int64)
    return int((weights + at[tails] - at[heads]).min(initial=NO_LIMIT)) if len(tails) else 0


def potentials(network: Network, flow: list[int]) -> list[int]:
    """Shortest distances from anywhere to each node in the residual network (Bellman and Ford, vectorised).

    Where the flow is not optimal no potentials fit; then those after as many rounds as there are nodes.
    """
    tails, heads, weights = _residual_arcs(network, flow)
    distance = np.zeros(network.nodes, dtype=np.int64)
    for _ in range(network.nodes):
        shorter = distance.copy()
        np.minimum.at(shorter, heads, distance[tails] + weights)
        if np.array_equal(shorter, distance):
            break
        distance = shorter
    return [int(each) for each in distance]


def _residual_arcs(network: Network, flow: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    tails, heads = np.asarray(network.tails, dtype=np.int64), np.asarray(network.heads, dtype=np.int64)
    weights, carried = np.asarray(network.weights, dtype=np.int64), np.asarray(flow, dtype=np.int64)
    onward, back = carried < np.asarray(network.capacities, dtype=np.int64), carried > 0
    return (
        np.concatenate([tails[onward], heads[back]]),
        np.concatenate([heads[onward], tails[back]]),
        np.concatenate([weights[onward], -weights[back]]),
    )
