"""Hands networks to the cold solver in a process of its own, and checks every number both ways."""

import subprocess
import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np

from services.pairing.engine.network import Network

COST_CEILING = 2 * 10**18
"""OR-Tools multiplies costs by the number of nodes and refuses what then leaves 64 bits."""

PATIENCE_SECONDS = 600
ROOT = Path(__file__).resolve().parents[3]


class ColdSolveFailed(RuntimeError):
    """The cold solver gave no optimum; the message is a code, never data."""


def coldest_flows(networks: Sequence[Network]) -> list[list[int]]:
    """The exact minimum-cost flow of each network. Raises ColdSolveFailed."""
    asked = [network for network in networks if network.households]
    solved = iter(_ask(asked)) if asked else iter(())
    return [next(solved) if network.households else [0] * len(network.tails) for network in networks]


def _ask(networks: Sequence[Network]) -> list[list[int]]:
    done = subprocess.run(
        [sys.executable, "-m", "services.pairing.engine.cold"],
        input=_archive(networks),
        capture_output=True,
        cwd=ROOT,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    if done.returncode:
        raise ColdSolveFailed(f"cold-solver-exit-{done.returncode}")
    flows = np.load(BytesIO(done.stdout), allow_pickle=False)["flows"]
    ends = np.cumsum([len(network.tails) for network in networks])
    answers = [part.tolist() for part in np.split(flows, ends[:-1])]
    for network, flow in zip(networks, answers, strict=True):
        _check_flow(network, flow)
    return answers


def _archive(networks: Sequence[Network]) -> bytes:
    for network in networks:
        check_range(network)
    archive = BytesIO()
    np.savez(
        archive,
        tails=_joined([network.tails for network in networks]),
        heads=_joined([network.heads for network in networks]),
        capacities=_joined([network.capacities for network in networks]),
        weights=_joined([network.weights for network in networks]),
        supplies=_joined([_supplies(network) for network in networks]),
        arcs=np.array([len(network.tails) for network in networks], dtype=np.int64),
        nodes=np.array([network.nodes for network in networks], dtype=np.int64),
    )
    return archive.getvalue()


def _joined(columns: Sequence[Sequence[int]]) -> np.ndarray:
    return np.concatenate([np.asarray(column, dtype=np.int64) for column in columns])


def _supplies(network: Network) -> list[int]:
    households = len(network.households)
    return [1] * households + [0] * (network.nodes - households - 1) + [-households]


def check_range(network: Network) -> None:
    """Raises ColdSolveFailed for costs that the solver could not hold exactly."""
    if max(network.weights) * network.nodes > COST_CEILING:
        raise ColdSolveFailed("costs-out-of-range")


def _check_flow(network: Network, flow: list[int]) -> None:
    """Within capacity, and nothing gained or lost at any node."""
    if any(not 0 <= units <= most for units, most in zip(flow, network.capacities, strict=True)):
        raise ColdSolveFailed("flow-out-of-range")
    balance = _supplies(network)
    for units, tail, head in zip(flow, network.tails, network.heads, strict=True):
        balance[tail] -= units
        balance[head] += units
    if any(balance):
        raise ColdSolveFailed("flow-unbalanced")
