"""SURV-02: is the archive of every surveyed household complete?"""

from collections.abc import Iterable

from contracts.households import HouseholdReclassified, HouseholdRegistered, HouseholdSurveyed
from gateway.measure.household import Household
from gateway.measure.indicator import Indicator, Share, with_categories
from gateway.measure.periods import Period, Span


def shares(household: Household, month: Period) -> Iterable[Share]:
    """One household of all surveyed, as its newest survey left it. One that declined lacks nothing (L1, H3)."""
    survey = household.survey
    if survey is None:
        return ()
    return with_categories(household.countable_categories, int(survey.complete or survey.declined), 1)


SURV_02 = Indicator(
    code="SURV-02",
    name_en="Classified archive complete",
    name_zh="分类建档完整率",
    definition_en=(
        "Surveyed households whose archive has all required fields and a category / surveyed households. "
        "A household that declined lacks nothing."
    ),
    definition_zh="档案必填项及类别齐全的受访家庭数 / 受访家庭数。谢绝调查的家庭不视为缺项。",
    level="output",
    frequency="monthly",
    disaggregation=("category",),
    target="≥98%",
    sources=(HouseholdRegistered, HouseholdReclassified, HouseholdSurveyed),
    span=Span.MONTH,
    of=Household,
    shares=shares,
)
