"""What an event says about whom: one line per event and entity, as data. No event needs more than its line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from contracts.activities import PlanActivated, PlanDrafted, VisitReported
from contracts.area import AreaLevel
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

HOUSEHOLD, VILLAGE, MATCH, PLAN = "household", "village", "match", "plan"


@dataclass(frozen=True)
class Fact:
    """What was so from `valid_on`. `position` is the order in which facts came in; within one subject it is the true one."""

    entity: str
    kind: str
    valid_on: date
    position: int
    data: Mapping[str, Any]


@dataclass(frozen=True)
class NewFact:
    """A fact about to be kept: which event it comes from, and the area that may see it."""

    entity: str
    area_code: str
    kind: str
    valid_on: date
    event_id: UUID
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Telling:
    """How an event becomes a fact about one entity: by which field it is known, from which day, keeping what."""

    about: str
    by: str
    kind: str
    valid_on: str
    """The field with the day; where an old event has none, the county's day on which it was heard stands in."""

    keeps: tuple[str, ...] = ()
    at_level: AreaLevel | None = None


TELLINGS: Mapping[type[Event], tuple[Telling, ...]] = {
    AreaRegistered: (Telling(VILLAGE, "area_code", "registered", "registered_on", at_level=AreaLevel.VILLAGE),),
    HouseholdRegistered: (
        Telling(HOUSEHOLD, "household_id", "registered", "registered_on", ("area_code", "categories")),
    ),
    HouseholdReclassified: (
        Telling(HOUSEHOLD, "household_id", "reclassified", "changed_on", ("area_code", "categories")),
    ),
    HouseholdSurveyed: (
        Telling(
            HOUSEHOLD, "household_id", "surveyed", "surveyed_on", ("round_year", "declined", "archive_complete")
        ),
    ),
    ConsentAnswered: (
        Telling(HOUSEHOLD, "household_id", "consent_answered", "answered_on", ("purpose", "answer")),
    ),
    ConsentWithdrawn: (Telling(HOUSEHOLD, "household_id", "consent_withdrawn", "withdrawn_on", ("purpose",)),),
    MatchActivated: (
        Telling(HOUSEHOLD, "household_id", "pair_began", "started_on", ("match_id", "helper_kind", "rhythm")),
        Telling(MATCH, "match_id", "pair_began", "started_on", ("household_id", "helper_id")),
    ),
    MatchEnded: (
        Telling(HOUSEHOLD, "household_id", "pair_ended", "ended_on", ("match_id",)),
        Telling(MATCH, "match_id", "pair_ended", "ended_on", ("household_id", "helper_id")),
    ),
    VisitReported: (Telling(HOUSEHOLD, "household_id", "visited", "visited_on", ("outcome",)),),
    PlanDrafted: (Telling(PLAN, "plan_id", "drafted", "drafted_on"),),
    PlanActivated: (
        Telling(PLAN, "plan_id", "activated", "activated_on"),
        Telling(VILLAGE, "area_code", "plan_activated", "activated_on", ("year",), at_level=AreaLevel.VILLAGE),
    ),
}


def entity_of(kind: str, key: object) -> str:
    """How measure names what it counts: `household:<uuid>`, `village:<code>`, `match:<uuid>`, `plan:<uuid>`."""
    return f"{kind}:{key}"


def facts_of(event: Event, event_id: UUID, today: date) -> Iterator[NewFact]:
    """The facts that an event holds, one per entity that it touches; none if nothing counted depends on it."""
    said = event.model_dump(mode="json")
    for telling in TELLINGS[type(event)]:
        if telling.at_level is None or said["level"] == telling.at_level:
            yield NewFact(
                entity=entity_of(telling.about, said[telling.by]),
                area_code=said["area_code"],
                kind=telling.kind,
                valid_on=getattr(event, telling.valid_on) or today,
                event_id=event_id,
                data={name: said[name] for name in telling.keeps},
            )
