"""SURV-01: was every enrolled household asked in time?"""

from collections.abc import Iterable
from datetime import date

from contracts.households import HouseholdReclassified, HouseholdRegistered, HouseholdSurveyed
from gateway.measure.household import Household
from gateway.measure.indicator import Indicator, Share, with_categories
from gateway.measure.periods import Period, Span


def shares(household: Household, year: Period) -> Iterable[Share]:
    """One household of all enrolled; asked in time if in the year's round on or before 15 April, declining included."""
    asked = household.first_surveyed.get(year.first.year)
    in_time = asked is not None and asked <= date(year.first.year, 4, 15)
    return with_categories(household.countable_categories, int(in_time), 1)


SURV_01 = Indicator(
    code="SURV-01",
    name_en="Survey coverage by 15 April",
    name_zh="4月15日前调查覆盖率",
    definition_en="Enrolled households surveyed, or declining, in the year's round on or before 15 April / enrolled households.",
    definition_zh="4月15日及以前在当年调查中已受访（含谢绝）的在册家庭数 / 在册家庭数。",
    level="output",
    frequency="daily Mar–Apr",
    disaggregation=("category", "village"),
    target="≥98%",
    sources=(HouseholdRegistered, HouseholdReclassified, HouseholdSurveyed),
    span=Span.YEAR,
    of=Household,
    shares=shares,
)
