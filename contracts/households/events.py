"""What the households service says has happened."""

from datetime import date
from uuid import UUID

from contracts.area import AreaCode, AreaLevel
from contracts.codes import CareCategoryCode, ConsentAnswer, ConsentPurpose
from contracts.log import StreamRestored
from contracts.messages import (
    Code,
    Event,
    event,
)


@event("households.area_registered.v1", subject="area_code")
class AreaRegistered(Event):
    """An administrative area exists in this county."""

    area_code: AreaCode
    level: AreaLevel
    parent_code: AreaCode | None
    registered_on: date | None = None


@event("households.household_registered.v1", subject="household_id")
class HouseholdRegistered(Event):
    """A family is enrolled in the programme."""

    household_id: UUID
    household_number: Code
    area_code: AreaCode
    registered_on: date
    categories: tuple[CareCategoryCode, ...]
    has_minor: bool


@event("households.household_reclassified.v1", subject="household_id")
class HouseholdReclassified(Event):
    """The care categories of a household, or whether a minor lives in it, changed."""

    household_id: UUID
    area_code: AreaCode
    changed_on: date
    categories: tuple[CareCategoryCode, ...]
    has_minor: bool


@event("households.household_surveyed.v1", subject="household_id")
class HouseholdSurveyed(Event):
    """A household was asked in a survey round; one that declined counts as surveyed."""

    household_id: UUID
    area_code: AreaCode
    round_year: int
    surveyed_on: date
    declined: bool
    archive_complete: bool
    missing: tuple[Code, ...]


@event("households.consent_answered.v1", subject="household_id")
class ConsentAnswered(Event):
    """A household said yes or no to one purpose."""

    household_id: UUID
    area_code: AreaCode
    purpose: ConsentPurpose
    answer: ConsentAnswer
    answered_on: date
    covers_children: bool = True
    """Whether the answer counts for the members under 14 too; if not, a guardian is still to be asked."""


@event("households.consent_withdrawn.v1", subject="household_id")
class ConsentWithdrawn(Event):
    """A household took its consent back; queued work for that purpose stops."""

    household_id: UUID
    area_code: AreaCode
    purpose: ConsentPurpose
    withdrawn_on: date


@event("households.stream_restored.v1", subject="stream")
class HouseholdsStreamRestored(StreamRestored):
    """The database of households was restored; this stream begins anew."""
