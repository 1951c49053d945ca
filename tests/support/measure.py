"""Builders for measure: events as services would send them, as facts or as envelopes with a sequence per subject."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from random import Random
from typing import TypedDict
from uuid import UUID, uuid5

from chassis.ids import new_id
from contracts.activities import PlanActivated, PlanDrafted, VisitReported
from contracts.area import AreaLevel
from contracts.catalogue import owner
from contracts.codes import (
    CareCategoryCode,
    Carrier,
    ConsentAnswer,
    ConsentPurpose,
    EndReason,
    HelperKindCode,
    Rhythm,
    UnitKind,
    VisitChannel,
    VisitOutcome,
)
from contracts.envelope import Envelope
from contracts.households import (
    AreaRegistered,
    ConsentAnswered,
    ConsentWithdrawn,
    HouseholdReclassified,
    HouseholdRegistered,
    HouseholdSurveyed,
)
from contracts.messages import Event
from contracts.pairing import MatchActivated, MatchEnded
from gateway.measure.facts import Fact, facts_of

COUNTY = "990101"
VILLAGES = tuple(f"{COUNTY}{township:03}{village:03}" for township in (1, 2) for village in (1, 2, 3))
HERE, THERE = VILLAGES[0], VILLAGES[-1]
DAY = date(2026, 3, 10)
_NAMES = UUID(int=0)


class Place(TypedDict):
    """Whom an event is about, and where."""

    home: UUID
    area: str


def uid(name: str) -> UUID:
    """The same id for the same name."""
    return uuid5(_NAMES, name)


HOME, PAIR = uid("home"), uid("pair")


def registered(
    *categories: str, home: UUID = HOME, on: date = DAY, area: str = HERE, number: str = "H-1"
) -> HouseholdRegistered:
    return HouseholdRegistered(
        household_id=home,
        household_number=number,
        area_code=area,
        registered_on=on,
        categories=tuple(CareCategoryCode(code) for code in categories),
        has_minor=False,
    )


def reclassified(*categories: str, on: date, home: UUID = HOME, area: str = HERE) -> HouseholdReclassified:
    return HouseholdReclassified(
        household_id=home,
        area_code=area,
        changed_on=on,
        categories=tuple(CareCategoryCode(code) for code in categories),
        has_minor=False,
    )


def surveyed(
    on: date,
    *,
    home: UUID = HOME,
    area: str = HERE,
    year: int = 2026,
    declined: bool = False,
    complete: bool = True,
) -> HouseholdSurveyed:
    return HouseholdSurveyed(
        household_id=home,
        area_code=area,
        round_year=year,
        surveyed_on=on,
        declined=declined,
        archive_complete=complete,
        missing=() if complete else ("phone",),
    )


def answered(
    purpose: str, answer: str = "yes", *, on: date = DAY, home: UUID = HOME, area: str = HERE
) -> ConsentAnswered:
    return ConsentAnswered(
        household_id=home,
        area_code=area,
        purpose=ConsentPurpose(purpose),
        answer=ConsentAnswer(answer),
        answered_on=on,
    )


def withdrawn(purpose: str, *, on: date, home: UUID = HOME, area: str = HERE) -> ConsentWithdrawn:
    return ConsentWithdrawn(household_id=home, area_code=area, purpose=ConsentPurpose(purpose), withdrawn_on=on)


def pair_began(
    on: date,
    *,
    rhythm: str | None = None,
    match: UUID = PAIR,
    home: UUID = HOME,
    area: str = HERE,
    kind: str = "neighbour",
) -> MatchActivated:
    return MatchActivated(
        match_id=match,
        household_id=home,
        helper_id=uid("helper"),
        helper_kind=HelperKindCode(kind),
        area_code=area,
        started_on=on,
        rhythm=Rhythm(rhythm) if rhythm else None,
        replaces=None,
    )


def pair_ended(on: date, *, match: UUID = PAIR, home: UUID = HOME, area: str = HERE) -> MatchEnded:
    return MatchEnded(
        match_id=match,
        household_id=home,
        helper_id=uid("helper"),
        area_code=area,
        ended_on=on,
        was_active=True,
        reason=EndReason.HELPER_LEFT,
    )


def visited(on: date, outcome: str = "all_well", *, home: UUID = HOME, area: str = HERE) -> VisitReported:
    return VisitReported(
        visit_id=new_id(),
        household_id=home,
        match_id=None,
        area_code=area,
        visited_on=on,
        reported_on=on,
        channel=VisitChannel.IN_PERSON,
        outcome=VisitOutcome(outcome),
    )


def area_registered(code: str, level: AreaLevel = AreaLevel.VILLAGE) -> AreaRegistered:
    return AreaRegistered(area_code=code, level=level, parent_code=None)


def plan_drafted(plan: UUID, on: date, *, area: str = HERE, year: int = 2026) -> PlanDrafted:
    return PlanDrafted(
        plan_id=plan,
        programme_id=uid("programme"),
        carrier=Carrier.ARMY_CIVILIAN,
        area_code=area,
        level=AreaLevel.VILLAGE,
        year=year,
        drafted_on=on,
    )


def plan_activated(
    on: date,
    *,
    plan: UUID | None = None,
    area: str = HERE,
    year: int = 2026,
    level: AreaLevel = AreaLevel.VILLAGE,
) -> PlanActivated:
    return PlanActivated(
        plan_id=plan or new_id(),
        carrier=Carrier.ARMY_CIVILIAN,
        area_code=area,
        level=level,
        year=year,
        lead_unit=UnitKind.FAMILY_PLANNING_ASSOCIATION,
        activated_on=on,
    )


def facts(events: Iterable[Event], *, about: str = "household", heard_on: date = DAY) -> list[Fact]:
    """What the events say about one kind of entity, in the order given."""
    new = [fact for event in events for fact in facts_of(event, new_id(), heard_on)]
    told = [fact for fact in new if fact.entity.startswith(f"{about}:")]
    return [Fact(f.entity, f.kind, f.valid_on, position, f.data) for position, f in enumerate(told)]


def envelopes(events: Iterable[Event]) -> list[Envelope]:
    """As they leave their sources: sequence from 1 per source and subject."""
    counted: Counter[tuple[str, str]] = Counter()
    wrapped = []
    for event in events:
        stream = owner(event.type), event.subject
        counted[stream] += 1
        wrapped.append(
            Envelope(
                id=new_id(),
                source=f"/kith/{COUNTY}/{stream[0]}",
                type=event.type,
                subject=event.subject,
                time=datetime(2026, 3, 10, tzinfo=UTC),
                epoch=1,
                sequence=counted[stream],
                data=event.model_dump(mode="json"),
            )
        )
    return wrapped


def story(random: Random, homes: int, days: Sequence[date]) -> list[Event]:
    """A made-up spring: families, answers, surveys, pairs and visits on these days, in order per subject."""
    told: list[Event] = [area_registered(code) for code in VILLAGES]
    told += [plan_activated(random.choice(days), area=code) for code in random.sample(VILLAGES, 4)]
    for number in range(homes):
        told += _life(random, new_id(), random.choice(VILLAGES), days, f"H-{number}")
    return told


def _life(random: Random, home: UUID, area: str, days: Sequence[date], number: str) -> list[Event]:
    codes = random.sample([code.value for code in CareCategoryCode], random.randint(1, 3))
    born, *later = sorted(random.choice(days) for _ in range(6))
    place: Place = {"home": home, "area": area}
    purposes = random.sample(["pairing", "visits", "referral", "messages"], random.randint(2, 4))
    life: list[Event] = [registered("empty_nest", *codes, on=born, number=number, **place)]
    life += [answered(purpose, random.choice(["yes", "yes", "no"]), on=born, **place) for purpose in purposes]
    life += [surveyed(later[0], complete=random.random() < 0.8, declined=random.random() < 0.1, **place)]
    life += [pair_began(later[1], rhythm=random.choice([None, *Rhythm]), match=home, **place)]
    life += [visited(random.choice(days), random.choice(list(VisitOutcome)), **place) for _ in range(3)]
    if random.random() < 0.3:
        life += [pair_ended(later[2], match=home, **place)]
    if random.random() < 0.3:
        life += [withdrawn("visits", on=later[3], **place)]
    if random.random() < 0.3:
        moved: Place = {"home": home, "area": random.choice(VILLAGES)}
        life += [reclassified("empty_nest", "elderly", on=later[4], **moved)]
    return life
