"""The field of pairing: who helps, whom, and how a pair comes to stand or ends."""

from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from contracts.codes import CareCategoryCode, DeclineReason, EndReason, HelperKindCode, Side
from contracts.refusals import Refusal

CareCategory = CareCategoryCode
HelperKind = HelperKindCode

TOWNSHIP_DIGITS = 9


def township_of(area_code: str) -> str:
    """The township that a village lies in."""
    return area_code[:TOWNSHIP_DIGITS]


@dataclass(frozen=True, slots=True)
class Helper:
    """One who stands ready to be kin to a household."""

    id: UUID
    number: str
    kind: HelperKind
    village_code: str
    capacity: int
    cleared_on: date | None = None
    active: bool = True
    unit: str | None = None
    successor_number: str | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """What a helper already carries. `asks_left` is how many new pairs they may be asked for this month."""

    carried: int = 0
    asks_left: int | None = None


@dataclass(frozen=True, slots=True)
class HouseholdCare:
    """What pairing knows of a household: ids and codes, learnt from events.

    `refused_helpers` are those with whom either side has said no.
    """

    household_id: UUID
    number: str
    village_code: str
    has_minor: bool
    categories: frozenset[CareCategory]
    consented: bool
    enrolled: bool
    refused_helpers: frozenset[UUID] = field(default_factory=frozenset)
    origin: str | None = None


class MatchState(StrEnum):
    """Where a pair stands, from the machine's proposal to its end."""

    PROPOSED = "proposed"
    HELPER_ACCEPTED = "helper_accepted"
    ACTIVE = "active"
    ENDED = "ended"
    DECLINED_BY_HELPER = "declined_by_helper"
    DECLINED_BY_HOUSEHOLD = "declined_by_household"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


AWAITING_ANSWER = frozenset({MatchState.PROPOSED, MatchState.HELPER_ACCEPTED})
STANDING = AWAITING_ANSWER | {MatchState.ACTIVE}

HELPER_NOT_ASKED_FIRST = Refusal(
    "helper-has-not-accepted",
    409,
    "The helper has not said yes yet",
    "帮扶人尚未同意",
    "Record the helper's answer first; then ask the household.",
    "请先登记帮扶人的答复，再征求家庭意见。",
)
ALREADY_ANSWERED = Refusal(
    "match-already-answered",
    409,
    "This proposal has been answered already",
    "该结对建议已有答复",
    "Read the pair again to see where it stands.",
    "请重新查看结对状态。",
)
NOT_ACTIVE = Refusal(
    "match-not-active",
    409,
    "This pair is not active",
    "该结对未在进行中",
    "Read the pair again to see where it stands.",
    "请重新查看结对状态。",
)
STILL_TIME_TO_ANSWER = Refusal(
    "match-not-due",
    409,
    "There is still time to answer",
    "答复期限未到",
    "Wait until the day after the last day for an answer.",
    "请待答复期限过后再办理。",
)


@dataclass(frozen=True, slots=True)
class Match:
    """A household and a helper, proposed or standing. Each step gives the next state or a refusal."""

    id: UUID
    household_id: UUID
    helper_id: UUID
    area_code: str
    proposed_on: date
    answer_by: date
    state: MatchState = MatchState.PROPOSED
    replaces: UUID | None = None
    helper_accepted_on: date | None = None
    started_on: date | None = None
    closed_on: date | None = None
    closing_reason: DeclineReason | EndReason | None = None

    def accept_as_helper(self, on: date) -> "Match | Refusal":
        """The helper says yes; nobody has asked the household before."""
        if self.state is not MatchState.PROPOSED:
            return ALREADY_ANSWERED
        return replace(self, state=MatchState.HELPER_ACCEPTED, helper_accepted_on=on)

    def accept_as_household(self, on: date) -> "Match | Refusal":
        """The household says yes, and the pair stands."""
        if self.state is MatchState.PROPOSED:
            return HELPER_NOT_ASKED_FIRST
        if self.state is not MatchState.HELPER_ACCEPTED:
            return ALREADY_ANSWERED
        return replace(self, state=MatchState.ACTIVE, started_on=on)

    def decline(self, by: Side, reason: DeclineReason, on: date) -> "Match | Refusal":
        """One side says no, which is always fine while the pair does not stand yet."""
        if self.state not in AWAITING_ANSWER:
            return ALREADY_ANSWERED
        said_no = MatchState.DECLINED_BY_HELPER if by is Side.HELPER else MatchState.DECLINED_BY_HOUSEHOLD
        return self._closed(said_no, on, reason)

    def lapse(self, on: date) -> "Match | Refusal":
        """Nobody answered in time. The last day itself still counts."""
        if self.state not in AWAITING_ANSWER:
            return ALREADY_ANSWERED
        return self._closed(MatchState.LAPSED, on, None) if on > self.answer_by else STILL_TIME_TO_ANSWER

    def withdraw(self, reason: EndReason, on: date) -> "Match | Refusal":
        """A proposal falls away: the helper left, or consent was withdrawn, before both had answered."""
        if self.state not in AWAITING_ANSWER:
            return ALREADY_ANSWERED
        return self._closed(MatchState.WITHDRAWN, on, reason)

    def end(self, reason: EndReason, on: date) -> "Match | Refusal":
        """A standing pair is over."""
        if self.state is not MatchState.ACTIVE:
            return NOT_ACTIVE
        return self._closed(MatchState.ENDED, on, reason)

    def stop(self, reason: EndReason, on: date) -> "Match | Refusal":
        """End it if it stands, withdraw it if it was only proposed: what a withdrawn consent does (L1)."""
        return self.end(reason, on) if self.state is MatchState.ACTIVE else self.withdraw(reason, on)

    def _closed(self, state: MatchState, on: date, reason: DeclineReason | EndReason | None) -> "Match":
        return replace(self, state=state, closed_on=on, closing_reason=reason)
