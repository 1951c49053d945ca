"""PAIR-01: does somebody stand by every empty-nest household that wishes it?"""

from collections.abc import Iterable

from contracts.codes import CareCategoryCode, ConsentPurpose
from contracts.households import ConsentAnswered, ConsentWithdrawn, HouseholdReclassified, HouseholdRegistered
from contracts.pairing import MatchActivated, MatchEnded
from gateway.measure.household import Household
from gateway.measure.indicator import Indicator, Share
from gateway.measure.periods import Period, Span


def shares(household: Household, month: Period) -> Iterable[Share]:
    """One household of the empty-nest ones that consent to pairing; by kind of helper it is a count of households."""
    if CareCategoryCode.EMPTY_NEST not in household.categories or not household.consents_to(ConsentPurpose.PAIRING):
        return
    kinds = sorted({pair.helper_kind for pair in household.pairs})
    yield Share(int(bool(kinds)), 1)
    for kind in kinds:
        yield Share(1, None, f"helper_kind:{kind}")


PAIR_01 = Indicator(
    code="PAIR-01",
    name_en="Empty-nest paired one-to-one",
    name_zh="空巢家庭一对一结对率",
    definition_en="Empty-nest households consenting to pairing with a standing pair / empty-nest households consenting to pairing.",
    definition_zh="同意结对且结对关系有效的空巢家庭数 / 同意结对的空巢家庭数。",
    level="output",
    frequency="daily",
    disaggregation=("helper_kind",),
    target="≥95%",
    sources=(
        HouseholdRegistered,
        HouseholdReclassified,
        ConsentAnswered,
        ConsentWithdrawn,
        MatchActivated,
        MatchEnded,
    ),
    span=Span.MONTH,
    of=Household,
    shares=shares,
)
