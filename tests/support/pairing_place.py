"""A township of its own for every test: helpers on the register, households with their answers, who acts."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from threading import Event as Stop
from typing import Any
from uuid import UUID

from chassis.clock import Clock
from chassis.ids import new_id
from chassis.runtime import Runtime
from chassis.work import Work, transact
from chassis.worker import Worker
from contracts.actor import Actor, Role
from contracts.codes import (
    CareCategoryCode,
    ConsentAnswer,
    ConsentPurpose,
    HelperKindCode,
    ImportState,
    LeaveReason,
    Side,
)
from contracts.households import (
    ConsentAnswered,
    ConsentWithdrawn,
    HouseholdReclassified,
    HouseholdRegistered,
)
from contracts.pairing import (
    AcceptAsHelper,
    AcceptAsHousehold,
    DeclineMatch,
    ListMatches,
    ListUnserved,
    OpenMatchRound,
    RecordHelperLeaving,
)
from services.pairing.store import imports
from services.pairing.usecases.imports import register_helpers
from services.pairing.workbook import HelperReading, HelperRow
from tests.support.service_calls import Speaker, answered, created

COUNTY = "220283"
TODAY = date(2026, 4, 15)
CLEARED = date(2026, 1, 10)
CANARY_NAME, CANARY_PHONE = "苗盼鹤", "13900005417"
townships = itertools.count(500)


def on_day(runtime: Runtime, day: date) -> Runtime:
    """The same service on another day."""
    return replace(runtime, clock=Clock(runtime.settings.tz, day))


def work_off(runtime: Runtime) -> None:
    """Do every job that is due; one that failed fails the test."""
    worker = Worker(runtime, Stop())
    while worker.run_one():
        pass
    left = "select kind, state, error from job where state <> 'done'"
    assert Speaker(runtime).rows(left) == []


@dataclass(frozen=True)
class Place:
    """One township and what happens in it."""

    speaker: Speaker
    code: str

    @classmethod
    def new(cls, speaker: Speaker) -> "Place":
        return cls(speaker, f"{COUNTY}{next(townships)}")

    def village(self, number: int = 1) -> str:
        return f"{self.code}{number:03}"

    # --- who acts

    @property
    def officer(self) -> Actor:
        return Actor(id=f"officer@{self.code}", roles=frozenset({Role.TOWNSHIP_OFFICER}), area=self.code)

    def worker(self, village: int = 1) -> Actor:
        area = self.village(village)
        return Actor(id=f"worker@{area}", roles=frozenset({Role.VILLAGE_WORKER}), area=area)

    def as_helper(self, helper_id: UUID, village: int = 1) -> Actor:
        roles = frozenset({Role.HELPER})
        return Actor(id=f"helper-{helper_id}", roles=roles, area=self.village(village), subject_id=helper_id)

    def as_family(self, household_id: UUID, village: int = 1) -> Actor:
        roles = frozenset({Role.FAMILY_MEMBER})
        return Actor(id=f"family-{household_id}", roles=roles, area=self.village(village), subject_id=household_id)

    # --- who is there

    def a_row(
        self,
        number: int,
        capacity: int = 1,
        kind: HelperKindCode = HelperKindCode.VOLUNTEER,
        village: int = 1,
        cleared_on: date | None = CLEARED,
        successor: int | None = None,
    ) -> HelperRow:
        return HelperRow(
            row=number,
            number=self.helper_number(number),
            name=CANARY_NAME,
            sex="female",
            identity_number=f"{self.code}{number:09}",
            kind=kind,
            unit="镇计生协会",
            village_code=self.village(village),
            phone=CANARY_PHONE,
            capacity=capacity,
            availability="周末",
            skills=("烹饪",),
            languages=("东北话",),
            cleared_on=cleared_on,
            successor=None if successor is None else self.helper_number(successor),
        )

    def helper_number(self, number: int) -> str:
        return f"H{self.code[-3:]}-{number:04}"

    def register(self, *rows: HelperRow) -> dict[str, UUID]:
        """Helpers by number, as a committed import leaves them."""
        reading = HelperReading(len(rows), rows, ())

        def do(work: Work) -> None:
            import_id = new_id()
            imports.add_import(work, import_id, new_id(), within=work.scope)
            found = imports.find_import(work, import_id, within=work.scope)
            assert found
            imports.change_import(work, found, within=work.scope, state=ImportState.COMMITTING)
            register_helpers(work, import_id, reading)

        transact(self.speaker.runtime, self.speaker.runtime.system, do)
        rows_kept = self.speaker.rows("select id, number from helper where number = any(:numbers)",
                                      numbers=[row.number for row in rows])  # fmt: skip
        return {row["number"]: row["id"] for row in rows_kept}

    def helper(self, number: int, **more: Any) -> UUID:
        return self.register(self.a_row(number, **more))[self.helper_number(number)]

    def household(
        self,
        number: int,
        *categories: CareCategoryCode,
        village: int = 1,
        has_minor: bool = False,
        consent: ConsentAnswer | None = ConsentAnswer.YES,
    ) -> UUID:
        household_id = new_id()
        registered = HouseholdRegistered(
            household_id=household_id,
            household_number=f"F{self.code[-3:]}-{number:04}",
            area_code=self.village(village),
            registered_on=TODAY,
            categories=categories,
            has_minor=has_minor,
        )
        self.speaker.tell(registered)
        if consent:
            self.answer(household_id, consent, village=village)
        return household_id

    def answer(
        self,
        household_id: UUID,
        answer: ConsentAnswer,
        purpose: ConsentPurpose = ConsentPurpose.PAIRING,
        village: int = 1,
        covers_children: bool = True,
    ) -> None:
        self.speaker.tell(
            ConsentAnswered(
                household_id=household_id,
                area_code=self.village(village),
                purpose=purpose,
                answer=answer,
                answered_on=TODAY,
                covers_children=covers_children,
            )
        )

    def withdraw(self, household_id: UUID, purpose: ConsentPurpose = ConsentPurpose.PAIRING) -> None:
        self.speaker.tell(
            ConsentWithdrawn(
                household_id=household_id, area_code=self.village(), purpose=purpose, withdrawn_on=TODAY
            )
        )

    def reclassify(self, household_id: UUID, *categories: CareCategoryCode, has_minor: bool) -> None:
        self.speaker.tell(
            HouseholdReclassified(
                household_id=household_id,
                area_code=self.village(),
                changed_on=TODAY,
                categories=categories,
                has_minor=has_minor,
            )
        )

    def populate(self, households: int, helpers: int, seed: int) -> None:
        """Many of both; the same seed gives the same people whatever their ids and township."""
        random = Random(seed)
        self.register(
            *(
                self.a_row(
                    number,
                    capacity=random.randint(1, 3),
                    kind=random.choice(tuple(HelperKindCode)),
                    village=random.randint(1, 8),
                    cleared_on=random.choice((CLEARED, CLEARED, None)),
                )
                for number in range(helpers)
            )
        )
        for number in range(households):
            categories = random.sample(tuple(CareCategoryCode), random.randint(0, 2))
            consent = ConsentAnswer.YES if random.random() < 0.9 else random.choice((None, ConsentAnswer.NO))
            minor = random.random() < 0.3
            self.household(number, *categories, village=random.randint(1, 8), has_minor=minor, consent=consent)

    # --- what happens

    def open_round(self) -> UUID:
        round_id = created(self.speaker.do(self.officer, OpenMatchRound(area_code=self.code)))
        work_off(self.speaker.runtime)
        return round_id

    def matches(self, actor: Actor | None = None, **wanted: Any) -> list[dict[str, Any]]:
        page = answered(self.speaker.ask(actor or self.officer, ListMatches(limit=500, **wanted)))
        return list(page["items"])

    def unserved(self, actor: Actor | None = None) -> list[dict[str, Any]]:
        return list(answered(self.speaker.ask(actor or self.officer, ListUnserved(limit=500)))["items"])

    def one_match(self, **wanted: Any) -> dict[str, Any]:
        (found,) = self.matches(**wanted)
        return found

    def state_of(self, match: dict[str, Any]) -> str:
        rows = self.speaker.rows("select state from match where id = :id", id=match["match_id"])
        return str(rows[0]["state"])

    def make_active(self, match: dict[str, Any]) -> None:
        answered(self.speaker.do(self.officer, AcceptAsHelper(match_id=match["match_id"])))
        answered(self.speaker.do(self.officer, AcceptAsHousehold(match_id=match["match_id"])))

    def decline(self, match: dict[str, Any], by: Side = Side.HELPER, **more: Any) -> None:
        answered(self.speaker.do(self.officer, DeclineMatch(match_id=match["match_id"], by=by, **more)))
        work_off(self.speaker.runtime)

    def leave(self, helper_id: UUID, days: int = 0) -> None:
        leaving = RecordHelperLeaving(
            helper_id=helper_id, left_on=TODAY + timedelta(days=days), reason=LeaveReason.MOVED
        )
        answered(self.speaker.do(self.officer, leaving))

    def proposed(self) -> Sequence[dict[str, Any]]:
        return self.matches(state="proposed")
