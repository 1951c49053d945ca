"""SURV-04: was every enrolled household asked for its consent, whatever it said?"""

from collections.abc import Iterable

from contracts.codes import ConsentPurpose
from contracts.households import ConsentAnswered, ConsentWithdrawn, HouseholdRegistered
from gateway.measure.household import Household
from gateway.measure.indicator import Indicator, Share
from gateway.measure.periods import Period, Span

ASKED = (ConsentPurpose.PAIRING, ConsentPurpose.VISITS, ConsentPurpose.REFERRAL, ConsentPurpose.MESSAGES)


def shares(household: Household, month: Period) -> Iterable[Share]:
    """One household of all enrolled; answered if yes, no or withdrawn stands for each purpose that is asked."""
    yield Share(int(all(purpose in household.answers for purpose in ASKED)), 1)


SURV_04 = Indicator(
    code="SURV-04",
    name_en="Consent asked and answered",
    name_zh="同意事项征询答复率",
    definition_en=(
        "Enrolled households with an answer to each of pairing, visits, referral and messages / enrolled households. "
        "No and withdrawn are answers as good as yes."
    ),
    definition_zh="结对、探访、转介、短信四项均有答复的在册家庭数 / 在册家庭数。不同意与撤回同样视为已答复。",
    level="safeguard",
    frequency="daily",
    disaggregation=("township",),
    target="100%",
    sources=(HouseholdRegistered, ConsentAnswered, ConsentWithdrawn),
    span=Span.MONTH,
    of=Household,
    shares=shares,
)
