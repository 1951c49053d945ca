"""Solve flow networks from nothing with OR-Tools: `python -m services.pairing.engine.cold < networks > flows`.

A program of its own, because the solver holds the interpreter's lock and cannot share a process with others.
Reads and writes numpy archives: `tails`, `heads`, `capacities`, `weights`, `supplies` (int64, all networks
after one another), `arcs` and `nodes` (how many each network has); answers `flows`, aligned with the arcs.
"""

import sys
from io import BytesIO
from typing import Any

import numpy as np
from ortools.graph.python import min_cost_flow

NOT_OPTIMAL = 3


class NotOptimal(RuntimeError):
    """The solver stopped without an optimum; the message is its status."""


def solve(
    tails: np.ndarray, heads: np.ndarray, capacities: np.ndarray, weights: np.ndarray, supplies: np.ndarray
) -> np.ndarray:
    """The flow on each arc of one network. Raises NotOptimal."""
    solver: Any = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(tails, heads, capacities, weights)
    solver.set_nodes_supplies(np.arange(len(supplies), dtype=np.int64), supplies)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise NotOptimal(str(status))
    return np.asarray(solver.flows(arcs), dtype=np.int64)


def solve_all(archive: bytes) -> bytes:
    """Solve every network of an archive, one after the other."""
    parts = np.load(BytesIO(archive), allow_pickle=False)
    by_arc, by_node = np.cumsum(parts["arcs"])[:-1], np.cumsum(parts["nodes"])[:-1]
    columns = [np.split(parts[name], by_arc) for name in ("tails", "heads", "capacities", "weights")]
    networks = zip(*columns, np.split(parts["supplies"], by_node), strict=True)
    answer = BytesIO()
    np.savez(answer, flows=np.concatenate([solve(*network) for network in networks]))
    return answer.getvalue()


def main() -> int:
    """Answer on stdout; otherwise the solver's status on stderr and a status that is not 0."""
    try:
        sys.stdout.buffer.write(solve_all(sys.stdin.buffer.read()))
    except NotOptimal as status:
        sys.stderr.write(f"not-optimal {status}")
        return NOT_OPTIMAL
    return 0


if __name__ == "__main__":
    sys.exit(main())
