"""The flow network of one problem: household -> (pool ->) helper -> one arc per slot -> sink.

Helpers of one kind, area and clearance are alike to a household that neither keeps nor has refused one of
them, so such a household reaches them through a pool: a county needs some thirty arcs per household instead
of a thousand. Each household holds one unit; the arc from it straight to the sink leaves it unserved.
"""

from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from services.pairing.engine.cost import Cost
from services.pairing.engine.problem import Problem
from services.pairing.model import CareCategory, Helper, HelperKind, HouseholdCare, township_of
from services.pairing.rules import fit, helper_may_not, is_cleared, the_two_may_not

PoolKey = tuple[str, HelperKind, bool]
Profile = tuple[str, bool, frozenset[CareCategory]]
Reach = list[tuple[int, int]]
"""Pools that a household may turn to, each with its fit."""


@dataclass
class Network:
    """Arcs in parallel lists. Nodes: households from 0, then helpers, then doors and pools, the sink last."""

    problem: Problem
    households: tuple[HouseholdCare, ...]
    helpers: tuple[Helper, ...]
    tails: list[int] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    capacities: list[int] = field(default_factory=list)
    costs: list[Cost] = field(default_factory=list)
    nodes: int = 0
    household_arcs: list[range] = field(default_factory=list)
    slots: dict[int, list[int]] = field(default_factory=dict)
    doors: dict[int, int] = field(default_factory=dict)
    pools: dict[PoolKey, list[int]] = field(default_factory=dict)
    pool_nodes: dict[PoolKey, int] = field(default_factory=dict)

    @property
    def sink(self) -> int:
        """Where every household's unit ends."""
        return self.nodes - 1

    @cached_property
    def weights(self) -> list[int]:
        """One integer per arc, under the problem's own scale."""
        weigh, known = self.problem.scale.weigh, dict[Cost, int]()
        return [known[cost] if cost in known else known.setdefault(cost, weigh(cost)) for cost in self.costs]

    @cached_property
    def household_node(self) -> dict[UUID, int]:
        """Node by household id."""
        return {each.household_id: node for node, each in enumerate(self.households)}

    @cached_property
    def helper_node(self) -> dict[UUID, int]:
        """Node by helper id."""
        return {each.id: node for node, each in enumerate(self.helpers, start=len(self.households))}

    @cached_property
    def between(self) -> dict[tuple[int, int], int]:
        """Arc by its two ends; parallel slots are in `slots`."""
        return {ends: arc for arc, ends in enumerate(zip(self.tails, self.heads, strict=True))}

    @cached_property
    def helper_behind(self) -> dict[int, Helper]:
        """Helper by its node or its door."""
        nodes = {self.helper_node[each.id]: each for each in self.helpers}
        return nodes | {door: nodes[node] for node, door in self.doors.items()}

    def entry(self, household: HouseholdCare, helper: Helper) -> int:
        """The node at which a pair arrives: the helper's door, if it is new and few asks are left."""
        node = self.helper_node[helper.id]
        return self.doors.get(node, node) if self.problem.is_new_ask(household, helper) else node

    def has_way(self, household: HouseholdCare) -> bool:
        """Whether the rules leave a household anybody at all: an arc besides the one that leaves it unserved."""
        return len(self.household_arcs[self.household_node[household.household_id]]) > 1

    def add(self, tail: int, head: int, capacity: int, cost: Cost) -> int:
        """One more arc; gives its index."""
        self.tails.append(tail)
        self.heads.append(head)
        self.capacities.append(capacity)
        self.costs.append(cost)
        return len(self.tails) - 1


def build(problem: Problem) -> Network:
    """The network of a problem within one township. Built in order of numbers, so ids cannot sway it."""
    network = _nodes(problem)
    _add_slots(network)
    _add_pools(network)
    reaches: dict[Profile, Reach] = {}
    for node, household in enumerate(network.households):
        _add_household(network, node, household, reaches)
    return network


def _nodes(problem: Problem) -> Network:
    """Only those who may be paired at all get a node. Doors stand before helpers with few asks left."""
    kept = {helper.id for each in problem.eligible() if (helper := problem.kept_helper(each))}
    helpers = sorted(
        (each for each in problem.helpers if each.id in kept or not helper_may_not(each, problem.load(each))),
        key=lambda each: each.number,
    )
    network = Network(problem, problem.eligible(), tuple(helpers))
    network.nodes = len(network.households) + len(helpers)
    for node, helper in enumerate(helpers, start=len(network.households)):
        asks = problem.load(helper).asks_left
        if asks is not None and asks < len(problem.slots(helper)):
            network.doors[node] = network.nodes
            network.nodes += 1
        for key in pool_keys(helper, problem) if not helper_may_not(helper, problem.load(helper)) else ():
            network.pools.setdefault(key, []).append(node)
    for key in sorted(network.pools):
        network.pool_nodes[key] = network.nodes
        network.nodes += 1
    network.nodes += 1
    return network


def pool_keys(helper: Helper, problem: Problem) -> tuple[PoolKey, ...]:
    """The pools that a helper belongs to, the village's first."""
    cleared = is_cleared(helper, problem.today)
    village = (helper.village_code, helper.kind, cleared)
    if helper.kind is HelperKind.NEIGHBOUR:
        return (village,)
    return village, (township_of(helper.village_code), helper.kind, cleared)


def _add_slots(network: Network) -> None:
    for node, helper in enumerate(network.helpers, start=len(network.households)):
        if node in network.doors:
            asks = network.problem.load(helper).asks_left or 0
            network.add(network.doors[node], node, asks, Cost())
        network.slots[node] = [
            network.add(node, network.sink, 1, Cost(fairness=carried)) for carried in network.problem.slots(helper)
        ]


def _add_pools(network: Network) -> None:
    for key, pool in network.pool_nodes.items():
        for node in network.pools[key]:
            network.add(pool, network.doors.get(node, node), len(network.slots[node]), Cost())


def _add_household(network: Network, node: int, household: HouseholdCare, reaches: dict[Profile, Reach]) -> None:
    first, problem = len(network.tails), network.problem
    kept = problem.kept_helper(household)
    if kept:
        network.add(node, network.entry(household, kept), 1, Cost(fit=fit(household, kept)))
    moved = 1 if kept else 0
    for head, misfit in _reach(network, household, reaches):
        network.add(node, head, 1, Cost(continuity=moved, fit=misfit))
    network.add(node, network.sink, 1, problem.unserved_cost(household) + Cost(continuity=moved))
    network.household_arcs.append(range(first, len(network.tails)))


def _reach(network: Network, household: HouseholdCare, reaches: dict[Profile, Reach]) -> Reach:
    """Where a household may turn: to pools, or helper by helper where it and some helper said no before."""
    if household.refused_helpers & network.helper_node.keys():
        return _one_by_one(network, household)
    profile = (household.village_code, household.has_minor, household.categories)
    if profile not in reaches:
        reaches[profile] = _through_pools(network, household)
    return reaches[profile]


def _through_pools(network: Network, household: HouseholdCare) -> Reach:
    """The rules are asked about one of each pool: its members are alike to this household."""
    reach: Reach = []
    for key, pool in network.pool_nodes.items():
        in_own_village, in_own_township = (
            household.village_code == key[0],
            len(key[0]) < len(household.village_code),
        )
        if not (in_own_village or in_own_township):
            continue
        helper = network.helper_behind[_stranger(network, key, household)]
        if not the_two_may_not(household, helper, network.problem.today):
            reach.append((pool, fit(household, helper)))
    return reach


def _stranger(network: Network, key: PoolKey, household: HouseholdCare) -> int:
    """A member who stands for the pool: from elsewhere, if it is a township's and has one from elsewhere."""
    members = network.pools[key]
    if key[0] == household.village_code:
        return members[0]
    first = len(network.households)
    return next(
        (node for node in members if network.helpers[node - first].village_code != household.village_code),
        members[0],
    )


def _one_by_one(network: Network, household: HouseholdCare) -> Reach:
    kept = network.problem.kept_helper(household)
    return [
        (network.entry(household, helper), fit(household, helper))
        for helper in network.helpers
        if helper is not kept and network.problem.may_pair(household, helper)
    ]
