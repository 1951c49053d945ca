"""Who may be paired with whom, whose need comes first, and who suits whom: the rules as sentences."""

from calendar import monthrange
from datetime import date
from enum import StrEnum

from services.pairing.model import CareCategory, Helper, HelperKind, HouseholdCare, Load, township_of


class ReasonCode(StrEnum):
    """Why a helper cannot stand by a household, or why a household stays without one."""

    NOT_ENROLLED = "not_enrolled"
    NO_CONSENT = "no_consent"
    HELPER_NOT_ACTIVE = "helper_not_active"
    NO_SLOT_LEFT = "no_slot_left"
    ASKED_ENOUGH = "asked_enough"
    OTHER_VILLAGE = "other_village"
    OTHER_TOWNSHIP = "other_township"
    NOT_CLEARED = "not_cleared"
    REFUSED_BEFORE = "refused_before"
    NO_HELPER_NEAR = "no_helper_near"
    ALL_SLOTS_TAKEN = "all_slots_taken"


REASON_WORDS_EN = {
    ReasonCode.NOT_ENROLLED: "The household is not enrolled.",
    ReasonCode.NO_CONSENT: "The household has not consented to pairing; that costs it nothing.",
    ReasonCode.HELPER_NOT_ACTIVE: "The helper is not active.",
    ReasonCode.NO_SLOT_LEFT: "The helper already stands by as many households as they can.",
    ReasonCode.ASKED_ENOUGH: "The helper has been asked for enough new pairs this month.",
    ReasonCode.OTHER_VILLAGE: "A neighbour helps in their own village, and this is another one.",
    ReasonCode.OTHER_TOWNSHIP: "The helper lives in another township.",
    ReasonCode.NOT_CLEARED: "A minor lives in the house, and the helper has no valid clearance.",
    ReasonCode.REFUSED_BEFORE: "One of the two has said no to this pair before.",
    ReasonCode.NO_HELPER_NEAR: "No helper is registered nearby.",
    ReasonCode.ALL_SLOTS_TAKEN: "Every suitable helper is needed by a household at least as urgent.",
}
REASON_WORDS_ZH = {
    ReasonCode.NOT_ENROLLED: "该家庭未登记在册。",
    ReasonCode.NO_CONSENT: "该家庭未同意结对；这不影响任何待遇。",
    ReasonCode.HELPER_NOT_ACTIVE: "该帮扶人目前不在岗。",
    ReasonCode.NO_SLOT_LEFT: "该帮扶人结对户数已满。",
    ReasonCode.ASKED_ENOUGH: "本月向该帮扶人提出的新结对已达上限。",
    ReasonCode.OTHER_VILLAGE: "邻里亲只结对本村家庭，而该家庭在外村。",
    ReasonCode.OTHER_TOWNSHIP: "该帮扶人在其他乡镇。",
    ReasonCode.NOT_CLEARED: "家中有未成年人，而该帮扶人无有效的从业查询。",
    ReasonCode.REFUSED_BEFORE: "双方中有一方曾谢绝此结对。",
    ReasonCode.NO_HELPER_NEAR: "附近没有登记的帮扶人。",
    ReasonCode.ALL_SLOTS_TAKEN: "合适的帮扶人都已用于同样或更为紧急的家庭。",
}


def not_enrolled(household: HouseholdCare) -> ReasonCode | None:
    return None if household.enrolled else ReasonCode.NOT_ENROLLED


def no_consent(household: HouseholdCare) -> ReasonCode | None:
    return None if household.consented else ReasonCode.NO_CONSENT


def not_active(helper: Helper) -> ReasonCode | None:
    return None if helper.active else ReasonCode.HELPER_NOT_ACTIVE


def no_slot_left(helper: Helper, load: Load) -> ReasonCode | None:
    return None if load.carried < helper.capacity else ReasonCode.NO_SLOT_LEFT


def asked_enough(load: Load) -> ReasonCode | None:
    return None if load.asks_left is None or load.asks_left > 0 else ReasonCode.ASKED_ENOUGH


def too_far(household: HouseholdCare, helper: Helper) -> ReasonCode | None:
    """A neighbour helps in their own village, everyone else in their own township."""
    if township_of(helper.village_code) != township_of(household.village_code):
        return ReasonCode.OTHER_TOWNSHIP
    if helper.kind is HelperKind.NEIGHBOUR and helper.village_code != household.village_code:
        return ReasonCode.OTHER_VILLAGE
    return None


def not_cleared(household: HouseholdCare, helper: Helper, today: date) -> ReasonCode | None:
    """Any minor living in the house asks for a clearance that is valid today (P2)."""
    return ReasonCode.NOT_CLEARED if household.has_minor and not is_cleared(helper, today) else None


def refused_before(household: HouseholdCare, helper: Helper) -> ReasonCode | None:
    return ReasonCode.REFUSED_BEFORE if helper.id in household.refused_helpers else None


def is_cleared(helper: Helper, today: date) -> bool:
    """Whether the helper may meet minors today."""
    return helper.cleared_on is not None and helper.cleared_on <= today < clearance_ends_on(helper.cleared_on)


def clearance_ends_on(cleared_on: date) -> date:
    """The first day without clearance, 12 calendar months on (of 29 February: 28 February)."""
    next_year = cleared_on.year + 1
    last_day = monthrange(next_year, cleared_on.month)[1]
    return cleared_on.replace(year=next_year, day=min(cleared_on.day, last_day))


def household_may_not(household: HouseholdCare) -> tuple[ReasonCode, ...]:
    """Why this household is paired with nobody at all."""
    return _said(not_enrolled(household), no_consent(household))


def helper_may_not(helper: Helper, load: Load) -> tuple[ReasonCode, ...]:
    """Why this helper takes no new household at all."""
    return _said(not_active(helper), no_slot_left(helper, load), asked_enough(load))


def the_two_may_not(household: HouseholdCare, helper: Helper, today: date) -> tuple[ReasonCode, ...]:
    """Why these two, of all, cannot be a pair."""
    return _said(
        too_far(household, helper),
        not_cleared(household, helper, today),
        refused_before(household, helper),
    )


def may_pair(household: HouseholdCare, helper: Helper, load: Load, today: date) -> tuple[ReasonCode, ...]:
    """Every reason at once why the pair may not be; none means that it may."""
    return household_may_not(household) + helper_may_not(helper, load) + the_two_may_not(household, helper, today)


def _said(*reasons: ReasonCode | None) -> tuple[ReasonCode, ...]:
    return tuple(reason for reason in reasons if reason is not None)


URGENCY = (
    frozenset({CareCategory.EMPTY_NEST, CareCategory.LEFT_BEHIND_CHILD}),
    frozenset(
        {
            CareCategory.TEMPORARILY_EMPTY_NEST,
            CareCategory.ELDERLY,
            CareCategory.DISABLED_ONLY_CHILD,
            CareCategory.RESTRICTED,
            CareCategory.HARDSHIP,
        }
    ),
)
"""Whose need comes first, tier by tier; every other household is in the tier after these."""

TIERS = len(URGENCY) + 1

SUITED: dict[CareCategory, frozenset[HelperKind]] = {
    CareCategory.EMPTY_NEST: frozenset(
        {HelperKind.SERVICE_MEMBER, HelperKind.YOUTH_LEAGUE, HelperKind.DEPARTMENT_CONTACT}
    ),
    CareCategory.TEMPORARILY_EMPTY_NEST: frozenset({HelperKind.NEIGHBOUR}),
    CareCategory.ELDERLY: frozenset({HelperKind.NEIGHBOUR, HelperKind.SERVICE_MEMBER}),
    CareCategory.LEFT_BEHIND_ELDER: frozenset({HelperKind.NEIGHBOUR, HelperKind.YOUTH_LEAGUE}),
    CareCategory.LEFT_BEHIND_CHILD: frozenset({HelperKind.VOLUNTEER_MOTHER, HelperKind.VOLUNTEER}),
    CareCategory.LEFT_BEHIND_WOMAN: frozenset({HelperKind.NEIGHBOUR, HelperKind.VOLUNTEER_MOTHER}),
    CareCategory.DISABLED_ONLY_CHILD: frozenset({HelperKind.NEIGHBOUR, HelperKind.DEPARTMENT_CONTACT}),
    CareCategory.HARDSHIP: frozenset({HelperKind.WELL_OFF_LEADER, HelperKind.NEIGHBOUR}),
    CareCategory.FAMILY_PLANNING: frozenset({HelperKind.WELL_OFF_LEADER, HelperKind.VOLUNTEER}),
    CareCategory.GIRL: frozenset({HelperKind.VOLUNTEER_MOTHER, HelperKind.YOUTH_LEAGUE}),
    CareCategory.MIGRANT: frozenset({HelperKind.VOLUNTEER, HelperKind.NEIGHBOUR}),
    CareCategory.RESTRICTED: frozenset(),  # what may not be named steers no choice of kind either
}


class MeritCode(StrEnum):
    """What speaks for a pair, for the explanation."""

    SAME_VILLAGE = "same_village"
    SAME_TOWNSHIP = "same_township"
    SUITS_FIRST_NEED = "suits_first_need"
    SUITS_A_NEED = "suits_a_need"
    KEEPS_HELPER = "keeps_helper"
    NAMED_SUCCESSOR = "named_successor"


MERIT_WORDS_EN = {
    MeritCode.SAME_VILLAGE: "They live in the same village.",
    MeritCode.SAME_TOWNSHIP: "They live in the same township.",
    MeritCode.SUITS_FIRST_NEED: "This kind of helper suits the household's most urgent category.",
    MeritCode.SUITS_A_NEED: "This kind of helper suits one of the household's categories.",
    MeritCode.KEEPS_HELPER: "The household keeps the helper it knows.",
    MeritCode.NAMED_SUCCESSOR: "The unit named this helper as the successor.",
}
MERIT_WORDS_ZH = {
    MeritCode.SAME_VILLAGE: "双方同村。",
    MeritCode.SAME_TOWNSHIP: "双方同乡镇。",
    MeritCode.SUITS_FIRST_NEED: "该类帮扶人适合该家庭最紧急的类别。",
    MeritCode.SUITS_A_NEED: "该类帮扶人适合该家庭的某一类别。",
    MeritCode.KEEPS_HELPER: "该家庭保留原帮扶人。",
    MeritCode.NAMED_SUCCESSOR: "该帮扶人由单位指定接替。",
}


def urgency_tier(categories: frozenset[CareCategory]) -> int:
    """0 is the most urgent; `TIERS - 1` the least."""
    return next((tier for tier, named in enumerate(URGENCY) if categories & named), TIERS - 1)


def merits(household: HouseholdCare, helper: Helper) -> tuple[MeritCode, ...]:
    """What speaks for these two, from place and kind alone."""
    near = household.village_code == helper.village_code
    place = MeritCode.SAME_VILLAGE if near else MeritCode.SAME_TOWNSHIP
    suits = {category for category in household.categories if helper.kind in SUITED[category]}
    if not suits:
        return (place,)
    first = urgency_tier(frozenset(suits)) == urgency_tier(household.categories)
    return place, MeritCode.SUITS_FIRST_NEED if first else MeritCode.SUITS_A_NEED


MERIT_POINTS = {MeritCode.SAME_VILLAGE: 3, MeritCode.SUITS_FIRST_NEED: 2, MeritCode.SUITS_A_NEED: 1}
WORST_FIT = 5


def fit(household: HouseholdCare, helper: Helper) -> int:
    """How far a pair is from the best there could be: 0 (best) to `WORST_FIT`; a village weighs most."""
    return WORST_FIT - sum(MERIT_POINTS.get(merit, 0) for merit in merits(household, helper))
