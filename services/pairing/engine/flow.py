"""From pairs to the flow they are in a network, and back."""

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from services.pairing.engine.network import Network, pool_keys
from services.pairing.model import HouseholdCare


def flow_of(network: Network, pairs: Mapping[UUID, UUID]) -> list[int]:
    """Flow per arc of given pairs (household id -> helper id); everybody else is left unserved.

    Raises ValueError for a pair that the rules forbid or a helper with more pairs than slots.
    """
    flow = [0] * len(network.tails)
    for node, household in enumerate(network.households):
        helper = pairs.get(household.household_id)
        for arc in _route(network, node, helper, flow):
            flow[arc] += 1
    if any(carried > capacity for carried, capacity in zip(flow, network.capacities, strict=True)):
        raise ValueError("asks-exceeded")
    return flow


def _route(network: Network, household: int, helper_id: UUID | None, flow: list[int]) -> list[int]:
    if helper_id is None:
        return [network.between[household, network.sink]]
    helper = network.helper_node.get(helper_id)
    if helper is None:
        raise ValueError("pair-forbidden")
    slot = next((arc for arc in network.slots[helper] if not flow[arc]), None)
    if slot is None:
        raise ValueError("slots-exceeded")
    return [*_way_to(network, household, helper), slot]


def _way_to(network: Network, household: int, helper: int) -> list[int]:
    """The cheapest way: directly, else through the village's pool, else through the township's."""
    arcs, door = network.between, network.doors.get(helper, helper)
    if (household, helper) in arcs:
        return [arcs[household, helper]]
    through_door = [arcs[door, helper]] if door != helper else []
    if (household, door) in arcs:
        return [arcs[household, door], *through_door]
    for key in pool_keys(network.helper_behind[helper], network.problem):
        pool = network.pool_nodes[key]
        if (household, pool) in arcs:
            return [arcs[household, pool], arcs[pool, door], *through_door]
    raise ValueError("pair-forbidden")


def pairs_of(network: Network, flow: list[int], before: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
    """Pairs of a flow, household id -> helper id, in order of numbers.

    Within a pool whoever had a helper of it `before` keeps them; the rest are handed out by number.
    """
    pairs: dict[UUID, UUID] = {}
    queues: dict[int, list[HouseholdCare]] = defaultdict(list)
    for node, household in enumerate(network.households):
        taken = (network.heads[arc] for arc in network.household_arcs[node] if flow[arc])
        head = next(taken, network.sink)
        if head in network.helper_behind:
            pairs[household.household_id] = network.helper_behind[head].id
        elif head != network.sink:
            queues[head].append(household)
    for key, pool in network.pool_nodes.items():
        places = _places(network, pool, network.pools[key], flow)
        pairs |= _hand_out(queues[pool], places, before)
    return {
        each.household_id: pairs[each.household_id] for each in network.households if each.household_id in pairs
    }


def _places(network: Network, pool: int, members: list[int], flow: list[int]) -> list[UUID]:
    arcs = [
        (network.helper_behind[node].id, network.between[pool, network.doors.get(node, node)]) for node in members
    ]
    return [helper for helper, arc in arcs for _ in range(flow[arc])]


def _hand_out(queue: list[HouseholdCare], places: list[UUID], before: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
    given: dict[UUID, UUID] = {}
    for household in queue:
        helper = before.get(household.household_id)
        if helper is not None and helper in places:
            places.remove(helper)
            given[household.household_id] = helper
    waiting = (each.household_id for each in queue if each.household_id not in given)
    return given | dict(zip(waiting, places, strict=True))
