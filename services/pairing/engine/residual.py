"""What can still be changed in a flow, and the cheapest way to change it (plain Python, exact integers)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush

from services.pairing.engine.cost import Cost, total
from services.pairing.engine.network import Network

Step = int
"""A residual arc: 2 * arc sends a unit along it, 2 * arc + 1 takes one back."""


@dataclass
class Residual:
    """A flow in a network with node potentials under which no residual arc has a negative reduced cost."""

    network: Network
    flow: list[int]
    potentials: list[int]

    @cached_property
    def steps_into(self) -> list[list[Step]]:
        """Residual arcs by the node they lead to."""
        into: list[list[Step]] = [[] for _ in range(self.network.nodes)]
        for arc, (tail, head) in enumerate(zip(self.network.tails, self.network.heads, strict=True)):
            into[head].append(2 * arc)
            into[tail].append(2 * arc + 1)
        return into

    def is_open(self, step: Step) -> bool:
        """Whether one more unit can go this way."""
        arc, back = divmod(step, 2)
        return self.flow[arc] > 0 if back else self.flow[arc] < self.network.capacities[arc]

    def start(self, step: Step) -> int:
        """The node that a step leaves."""
        return self.network.heads[step // 2] if step % 2 else self.network.tails[step // 2]

    def end(self, step: Step) -> int:
        """The node that a step leads to."""
        return self.network.tails[step // 2] if step % 2 else self.network.heads[step // 2]

    def weight(self, step: Step) -> int:
        """What a step costs, as one integer."""
        weight = self.network.weights[step // 2]
        return -weight if step % 2 else weight

    def reduced(self, step: Step) -> int:
        """What a step costs beyond the difference in potential of its ends."""
        return self.weight(step) + self.potentials[self.start(step)] - self.potentials[self.end(step)]

    def cost(self, steps: list[Step]) -> Cost:
        """What steps cost together, aim by aim."""
        costs = self.network.costs
        return total([-costs[step // 2] if step % 2 else costs[step // 2] for step in steps])

    def push(self, steps: list[Step]) -> None:
        """Send one unit along the steps."""
        for step in steps:
            self.flow[step // 2] += -1 if step % 2 else 1


def nearest_first(residual: Residual, goal: int) -> Iterator[tuple[int, int, dict[int, Step]]]:
    """Nodes by their reduced distance to the goal: (node, distance, next step of every node met so far).

    Dijkstra's algorithm run backwards from the goal; ties go to the lower node, that is to the lower number.
    """
    best, follow, heap, settled = {goal: 0}, dict[int, Step](), [(0, goal)], set[int]()
    while heap:
        distance, node = heappop(heap)
        if node in settled:
            continue
        settled.add(node)
        yield node, distance, follow
        for step in residual.steps_into[node]:
            start = residual.start(step)
            if start in settled or not residual.is_open(step):
                continue
            reached = distance + residual.reduced(step)
            if start not in best or reached < best[start]:
                best[start], follow[start] = reached, step
                heappush(heap, (reached, start))


def ways_to(residual: Residual, goal: int) -> dict[int, Step]:
    """The next step of a cheapest way to the goal, from every node that has one."""
    ways: dict[int, Step] = {}
    for _, _, follow in nearest_first(residual, goal):
        ways = follow
    return ways


def path(residual: Residual, start: int, goal: int, follow: dict[int, Step]) -> list[Step]:
    """The steps from start to goal that `nearest_first` found."""
    steps, node = [], start
    while node != goal:
        steps.append(follow[node])
        node = residual.end(follow[node])
    return steps


def cheapest_flow(network: Network) -> list[int]:
    """The exact minimum-cost flow, household by household along cheapest augmenting paths.

    Successive shortest paths with potentials (Edmonds and Karp, 1972). Meant for a handful of households;
    for a whole round `subprocess_solver` is faster.
    """
    residual = Residual(network, [0] * len(network.tails), [0] * network.nodes)
    for household in range(len(network.households)):
        _serve(residual, household)
    return residual.flow


def _serve(residual: Residual, household: int) -> None:
    reached: dict[int, int] = {}
    follow: dict[int, Step] = {}
    for node, distance, follow in nearest_first(residual, residual.network.sink):  # noqa: B007 - read after the loop
        reached[node] = distance
        if node == household:
            break
    farthest = reached[household]
    for node in range(residual.network.nodes):
        residual.potentials[node] -= min(reached.get(node, farthest), farthest)
    residual.push(path(residual, household, residual.network.sink, follow))
