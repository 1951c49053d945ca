"""The network offers each household exactly the helpers that the rules allow, though most go through pools."""

from uuid import UUID

from hypothesis import given, settings

from services.pairing.engine import Problem
from services.pairing.engine.flow import flow_of, pairs_of
from services.pairing.engine.network import Network, build
from tests.support.pairing import a_helper, a_household, a_problem, a_round, small_problems
from tests.unit.services.pairing.engine.exhaustive import allowed, assignments


def reached(network: Network, node: int) -> set[UUID]:
    """Helpers at the end of some way, whatever the capacities of slots."""
    open_arcs = [arc for arc, capacity in enumerate(network.capacities) if capacity]
    frontier, found = {node}, set[UUID]()
    for _ in range(4):
        frontier = {network.heads[arc] for arc in open_arcs if network.tails[arc] in frontier}
        found |= {network.helper_behind[each].id for each in frontier & set(network.helper_node.values())}
    return found


@settings(max_examples=300, deadline=None)
@given(small_problems())
def test_pools_lead_to_those_whom_the_rules_allow_and_to_nobody_else(problem: Problem) -> None:
    for township in problem.townships():
        network = build(township)
        for node, household in enumerate(network.households):
            one = household.household_id
            assert reached(network, node) == {
                helper.id for helper in problem.helpers if allowed(problem, one, helper.id)
            }


@settings(max_examples=200, deadline=None)
@given(small_problems(households=3, helpers=3))
def test_pairs_become_a_flow_and_come_back_unchanged(problem: Problem) -> None:
    for pairs in assignments(problem):
        back: dict[UUID, UUID] = {}
        for township in problem.townships():
            network = build(township)
            back |= pairs_of(network, flow_of(network, pairs), before=pairs)
        assert back == pairs


def test_control_arm_without_what_was_before_pool_mates_are_handed_out_by_number() -> None:
    helpers = [a_helper("H0001"), a_helper("H0002")]
    households = [a_household("F001"), a_household("F002")]
    crossed = {households[0].household_id: helpers[1].id, households[1].household_id: helpers[0].id}
    network = build(a_problem(households, helpers))
    flow = flow_of(network, crossed)
    assert pairs_of(network, flow, before=crossed) == crossed
    assert list(pairs_of(network, flow, before={}).values()) == [helper.id for helper in helpers]


def test_a_township_of_three_thousand_needs_some_thirty_arcs_a_household() -> None:
    network = build(a_round(3000, 1000))
    assert len(network.tails) / len(network.households) < 40
