"""The cold solver answers from a process of its own, agrees with the warm one, and never answers wrongly."""

import subprocess
import sys
from collections.abc import Sequence
from io import BytesIO

import numpy as np
import pytest

from services.pairing.engine import ColdSolveFailed, certificate, solve, subprocess_solver
from services.pairing.engine.assign import solve_in_process
from services.pairing.engine.network import Network, build
from tests.support.pairing import a_helper, a_household, a_problem, a_round


def test_cold_and_warm_solver_find_the_same_optimum() -> None:
    for seed in (1, 2, 3):
        problem = a_round(200, 90, townships=3, seed=seed)
        cold, warm = solve(problem), solve(problem, solve_in_process)
        assert (cold.cost, cold.parts) == (warm.cost, warm.parts)
        assert certificate(problem, cold.pairs).holds


def test_the_asking_process_never_loads_the_solver() -> None:
    program = "import sys, services.pairing.engine; sys.exit('ortools' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_nobody_to_serve_needs_no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere")
    assert solve(a_problem([], [a_helper()])).pairs == {}


def test_a_network_without_solution_is_an_error_not_an_answer() -> None:
    network = build(a_problem([a_household()], [a_helper()]))
    network.capacities = [0] * len(network.capacities)
    with pytest.raises(ColdSolveFailed, match="cold-solver-exit-3"):
        subprocess_solver.coldest_flows([network])


def test_costs_beyond_exact_integers_are_refused_before_they_are_sent() -> None:
    network = build(a_problem([a_household()], [a_helper()]))
    network.weights[0] = subprocess_solver.COST_CEILING
    with pytest.raises(ColdSolveFailed, match="costs-out-of-range"):
        subprocess_solver.coldest_flows([network])


@pytest.mark.parametrize(("units", "code"), [(9, "flow-out-of-range"), (0, "flow-unbalanced")])
def test_control_arm_a_solver_that_answers_nonsense_is_caught(
    monkeypatch: pytest.MonkeyPatch, units: int, code: str
) -> None:
    def nonsense(asked: Sequence[Network]) -> bytes:
        del asked
        return b""

    network = build(a_problem([a_household()], [a_helper()]))
    answer = BytesIO()
    np.savez(answer, flows=np.full(len(network.tails), units, dtype=np.int64))
    monkeypatch.setattr(subprocess_solver, "_archive", nonsense)
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda *_, **__: subprocess.CompletedProcess([], 0, answer.getvalue(), b""),
    )
    with pytest.raises(ColdSolveFailed, match=code):
        subprocess_solver.coldest_flows([network])
