"""The question put to the engine: these households, these helpers, this day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from uuid import UUID

from services.pairing.engine.cost import Cost, Scale
from services.pairing.model import Helper, HouseholdCare, Load, township_of
from services.pairing.rules import TIERS, WORST_FIT, fit, household_may_not, may_pair, urgency_tier


class InvalidProblem(ValueError):
    """The question contradicts itself; the message holds ids and codes only."""


@dataclass(frozen=True)
class Problem:
    """Households to be served and helpers to serve them.

    `loads` counts what helpers carry besides the households of this problem, never these themselves.
    `current` names, by household, the helper it has (or had); `successors` whom to ask first if that helper
    can no longer come.
    The order of households and helpers, and their ids, have no influence on any answer: numbers decide.
    Raises InvalidProblem for a number or an id that stands twice, or a load below zero.
    """

    households: tuple[HouseholdCare, ...]
    helpers: tuple[Helper, ...]
    today: date
    loads: Mapping[UUID, Load] = field(default_factory=dict)
    current: Mapping[UUID, UUID] = field(default_factory=dict)
    successors: Mapping[UUID, UUID] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _refuse_twice("household-number", [(each.village_code, each.number) for each in self.households])
        _refuse_twice("household-id", [each.household_id for each in self.households])
        _refuse_twice("helper-number", [each.number for each in self.helpers])
        _refuse_twice("helper-id", [each.id for each in self.helpers])
        if any(load.carried < 0 or (load.asks_left or 0) < 0 for load in self.loads.values()):
            raise InvalidProblem("load-below-zero")

    @cached_property
    def helper(self) -> dict[UUID, Helper]:
        """Helpers by id."""
        return {each.id: each for each in self.helpers}

    @cached_property
    def household(self) -> dict[UUID, HouseholdCare]:
        """Households by id."""
        return {each.household_id: each for each in self.households}

    @cached_property
    def scale(self) -> Scale:
        """Weights under which no later aim can outweigh an earlier one in this problem."""
        return Scale.above(self._bound())

    def load(self, helper: Helper) -> Load:
        """What the helper carries besides this problem."""
        return self.loads.get(helper.id, Load())

    def may_pair(self, household: HouseholdCare, helper: Helper) -> bool:
        """Whether no hard rule stands between the two. Whoever keeps a helper asks nothing new of them."""
        load = self.load(helper)
        if not self.is_new_ask(household, helper):
            load = replace(load, asks_left=None)
        return not may_pair(household, helper, load, self.today)

    def kept_helper(self, household: HouseholdCare) -> Helper | None:
        """The helper that the household should keep or, failing that, be offered first, if it can be."""
        for wish in (self.current, self.successors):
            helper = self.helper.get(wish[household.household_id]) if household.household_id in wish else None
            if helper and self.may_pair(household, helper):
                return helper
        return None

    def is_new_ask(self, household: HouseholdCare, helper: Helper) -> bool:
        """Whether the pair would be a new one for the helper, and so count among the month's asks (P9)."""
        return self.current.get(household.household_id) != helper.id

    def pair_cost(self, household: HouseholdCare, helper: Helper) -> Cost:
        """What a permitted pair costs, but for the slot that it takes."""
        kept = self.kept_helper(household)
        return Cost(continuity=int(kept not in (None, helper)), fit=fit(household, helper))

    def eligible(self) -> tuple[HouseholdCare, ...]:
        """Households that may be paired at all, by village and number."""
        willing = (each for each in self.households if not household_may_not(each))
        return tuple(sorted(willing, key=by_number))

    def townships(self) -> "tuple[Problem, ...]":
        """One problem per township: no pair crosses their borders, so their optima add up."""
        households, helpers = defaultdict(list), defaultdict(list)
        for household in self.households:
            households[township_of(household.village_code)].append(household)
        for helper in self.helpers:
            helpers[township_of(helper.village_code)].append(helper)
        return tuple(
            replace(self, households=tuple(households[code]), helpers=tuple(helpers[code]))
            for code in sorted(households)
        )

    def township_around(self, household: HouseholdCare) -> "Problem":
        """The part of the problem that can have any bearing on this household."""
        code = township_of(household.village_code)
        return replace(
            self,
            households=tuple(each for each in self.households if township_of(each.village_code) == code),
            helpers=tuple(each for each in self.helpers if township_of(each.village_code) == code),
        )

    def _bound(self) -> Cost:
        households = len(self.households)
        slots = [cost for helper in self.helpers for cost in self.slots(helper)]
        return Cost(
            unserved=households * TIERS,
            continuity=len(
                {each.household_id for each in self.households} & (set(self.current) | set(self.successors))
            ),
            fit=households * WORST_FIT,
            fairness=sum(sorted(slots, reverse=True)[:households]),
        )

    def slots(self, helper: Helper) -> range:
        """What each free slot of a helper costs in fairness: what they carry by then, so it is convex."""
        return range(self.load(helper).carried, helper.capacity)

    def unserved_cost(self, household: HouseholdCare) -> Cost:
        """What it costs to leave a household without helper."""
        return Cost(unserved=TIERS - urgency_tier(household.categories))


def by_number(household: HouseholdCare) -> tuple[str, str]:
    """The order in which ties between households are broken."""
    return household.village_code, household.number


def _refuse_twice(what: str, keys: Iterable[object]) -> None:
    seen: set[object] = set()
    for key in keys:
        if key in seen:
            raise InvalidProblem(f"{what}-twice")
        seen.add(key)
