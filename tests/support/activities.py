"""Builders for activities: who acts, what other services said, plans and visits."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from chassis.ids import new_id
from contracts.activities import ActivatePlan, DraftPlan, PlannedIndicator, ReportVisit
from contracts.actor import Actor, Role
from contracts.codes import (
    Carrier,
    ConsentAnswer,
    ConsentPurpose,
    EndReason,
    HelperKindCode,
    Rhythm,
    UnitKind,
    VisitOutcome,
)
from contracts.households import ConsentAnswered, ConsentWithdrawn, HouseholdRegistered
from contracts.pairing import MatchActivated, MatchEnded

TODAY = date(2026, 4, 15)
LONG_AGO = date(2026, 1, 5)
COUNTY, TOWNSHIP, OTHER_TOWNSHIP = "220283", "220283105", "220283106"
VILLAGE, NEXT_VILLAGE, FAR_VILLAGE = "220283105001", "220283105002", "220283106001"


def an_officer(area: str = TOWNSHIP, role: Role = Role.TOWNSHIP_OFFICER, id: str = "officer") -> Actor:
    return Actor(id=f"{id}@{area}", roles=frozenset({role}), area=area)


def a_helper_signed_in(helper_id: UUID | None, area: str = TOWNSHIP) -> Actor:
    return Actor(id=f"helper-{helper_id}", roles=frozenset({Role.HELPER}), area=area, subject_id=helper_id)


@dataclass(frozen=True)
class Pair:
    """A household, its helper, and what other services say of them."""

    area_code: str = VILLAGE
    household_id: UUID = field(default_factory=new_id)
    helper_id: UUID = field(default_factory=new_id)
    match_id: UUID = field(default_factory=new_id)

    def registered(self) -> HouseholdRegistered:
        return HouseholdRegistered(
            household_id=self.household_id,
            household_number=f"F-{self.household_id.hex[-6:]}",
            area_code=self.area_code,
            registered_on=LONG_AGO,
            categories=(),
            has_minor=False,
        )

    def consent(
        self,
        on: date = LONG_AGO,
        answer: ConsentAnswer = ConsentAnswer.YES,
        purpose: ConsentPurpose = ConsentPurpose.VISITS,
    ) -> ConsentAnswered:
        return ConsentAnswered(
            household_id=self.household_id,
            area_code=self.area_code,
            purpose=purpose,
            answer=answer,
            answered_on=on,
        )

    def withdrawal(self, on: date, purpose: ConsentPurpose = ConsentPurpose.VISITS) -> ConsentWithdrawn:
        return ConsentWithdrawn(
            household_id=self.household_id, area_code=self.area_code, purpose=purpose, withdrawn_on=on
        )

    def activated(self, on: date = LONG_AGO, helper_id: UUID | None = None) -> MatchActivated:
        return MatchActivated(
            match_id=self.match_id,
            household_id=self.household_id,
            helper_id=helper_id or self.helper_id,
            helper_kind=HelperKindCode.NEIGHBOUR,
            area_code=self.area_code,
            started_on=on,
            rhythm=Rhythm.MONTHLY,
            replaces=None,
        )

    def ended(self, on: date, *, was_active: bool = True) -> MatchEnded:
        return MatchEnded(
            match_id=self.match_id,
            household_id=self.household_id,
            helper_id=self.helper_id,
            area_code=self.area_code,
            ended_on=on,
            was_active=was_active,
            reason=EndReason.NO_LONGER_WISHED,
        )

    def visit(self, **said: Any) -> ReportVisit:
        told = {
            "household_id": self.household_id,
            "match_id": self.match_id,
            "visited_on": TODAY,
            "outcome": VisitOutcome.ALL_WELL,
            **said,
        }
        return ReportVisit(**told)


def a_draft(carrier: Carrier = Carrier.CARING_FOR_GIRLS, area_code: str = VILLAGE, year: int = 2026) -> DraftPlan:
    return DraftPlan(carrier=carrier, area_code=area_code, year=year, title="A plan for the year")


def an_indicator(**said: Any) -> PlannedIndicator:
    told = {"code": "PAIR-01", "baseline": 0, "target": 95, "due": date(2026, 6, 30), **said}
    return PlannedIndicator(**told)


def an_activation(plan_id: UUID, **said: Any) -> ActivatePlan:
    told = {
        "plan_id": plan_id,
        "lead_unit": UnitKind.FAMILY_PLANNING_OFFICE,
        "deadline": TODAY,
        "budget_line": "FP-2026-03",
        "indicators": (an_indicator(),),
        **said,
    }
    return ActivatePlan(**told)
