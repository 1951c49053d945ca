"""Why a household stays without a helper: the hard rules, counted."""

from collections import Counter
from uuid import UUID

from services.pairing.engine.network import Network
from services.pairing.engine.problem import Problem
from services.pairing.model import Helper, HouseholdCare
from services.pairing.rules import ReasonCode, household_may_not, may_pair

ELSEWHERE = frozenset({ReasonCode.OTHER_VILLAGE, ReasonCode.OTHER_TOWNSHIP})


def excluded(problem: Problem, household_id: UUID) -> dict[ReasonCode, int]:
    """How many of the problem's helpers each hard rule keeps from this household, by code."""
    household = problem.household[household_id]
    counts = Counter(reason for helper in problem.helpers for reason in _reasons(problem, household, helper))
    return dict(sorted(counts.items()))


def why_unserved(network: Network, household: HouseholdCare) -> tuple[ReasonCode, ...]:
    """Reasons for one left without helper; distance is named only where nobody lives near."""
    if reasons := household_may_not(household):
        return reasons
    if network.has_way(household):
        return (ReasonCode.ALL_SLOTS_TAKEN,)
    by_helper = (frozenset(_reasons(network.problem, household, each)) for each in network.problem.helpers)
    near = [reasons for reasons in by_helper if not reasons & ELSEWHERE]
    return tuple(sorted(frozenset[ReasonCode]().union(*near))) or (ReasonCode.NO_HELPER_NEAR,)


def _reasons(problem: Problem, household: HouseholdCare, helper: Helper) -> tuple[ReasonCode, ...]:
    if problem.may_pair(household, helper):
        return ()
    return may_pair(household, helper, problem.load(helper), problem.today)
