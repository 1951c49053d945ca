"""VIS-01: are families visited as often as they chose? Time alone changes it."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

from contracts.activities import VisitReported
from contracts.codes import Rhythm
from contracts.households import ConsentAnswered, ConsentWithdrawn, HouseholdReclassified, HouseholdRegistered
from contracts.pairing import MatchActivated, MatchEnded
from gateway.measure.household import Household, Pair
from gateway.measure.indicator import Indicator, Share, with_categories
from gateway.measure.periods import Period, Span

DAYS = {Rhythm.WEEKLY: 7, Rhythm.FORTNIGHTLY: 14, Rhythm.MONTHLY: 31, Rhythm.QUARTERLY: 92}


def shares(household: Household, month: Period) -> Iterable[Share]:
    """One household of those with a standing pair and a chosen rhythm; kept if kept for every such pair."""
    wished = household.wished_rhythms()
    if not wished:
        return ()
    kept = all(_kept(pair, household, month) for pair in wished)
    return with_categories(household.countable_categories, int(kept), 1)


def turns_on(household: Household, month: Period) -> date | None:
    """The first day on which a visit will be overdue that is not yet."""
    days = (_overdue_from(_contacts(pair, household)[-1], pair) for pair in household.wished_rhythms())
    return min((day for day in days if day > household.day), default=None)


def _kept(pair: Pair, household: Household, month: Period) -> bool:
    """Whether no gap was longer than chosen on any day of the month so far.

    A gap is overdue from the day after its last good one up to the visit that ends it, that day included.
    """
    contacts = _contacts(pair, household)
    gaps = [*pairwise(contacts), (contacts[-1], household.day)]
    return not any(_overdue_from(since, pair) <= until and until >= month.first for since, until in gaps)


def _contacts(pair: Pair, household: Household) -> list[date]:
    return [pair.started_on, *(day for day in household.visits if day >= pair.started_on)]


def _overdue_from(contact: date, pair: Pair) -> date:
    assert pair.rhythm is not None  # noqa: S101 - wished_rhythms() gives no other
    return contact + timedelta(days=DAYS[pair.rhythm] + 1)


VIS_01 = Indicator(
    code="VIS-01",
    name_en="Chosen rhythm kept",
    name_zh="约定探访频次履行率",
    definition_en=(
        "Households visited throughout the month as often as they chose / households with a standing pair that chose a rhythm. "
        "Weekly is at most 7 days between visits, fortnightly 14, monthly 31, quarterly 92, counted from the start of the pair; "
        "nobody at home is no visit."
    ),
    definition_zh=(
        "当月始终按约定频次受访的家庭数 / 结对有效且已约定频次的家庭数。"
        "每周即间隔不超过7天，每两周14天，每月31天，每季92天，自结对之日起算；家中无人不计为探访。"
    ),
    level="output",
    frequency="monthly",
    disaggregation=("category",),
    target="≥90%",
    sources=(
        HouseholdRegistered,
        HouseholdReclassified,
        ConsentAnswered,
        ConsentWithdrawn,
        MatchActivated,
        MatchEnded,
        VisitReported,
    ),
    span=Span.MONTH,
    of=Household,
    shares=shares,
    turns_on=turns_on,
)
