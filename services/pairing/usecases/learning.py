"""What pairing learns of households, and what follows from it at once."""

from uuid import UUID

from chassis.work import Work
from contracts.codes import EndReason
from contracts.households import HouseholdReclassified, HouseholdRegistered
from services.pairing.model import HouseholdCare
from services.pairing.store import care
from services.pairing.usecases.stopping import stop_for_household, stop_unsafe


class HouseholdUnknown(LookupError):
    """Something was told about a household that was never enrolled; the message is its id."""


def enrol_household(work: Work, event: HouseholdRegistered) -> None:
    """A family is enrolled; without its consent it is paired with nobody."""
    told = HouseholdCare(
        household_id=event.household_id,
        number=event.household_number,
        village_code=event.area_code,
        has_minor=event.has_minor,
        categories=frozenset(event.categories),
        consented=False,
        enrolled=True,
    )
    care.enrol(work, told, within=work.scope)


def reclassify_household(work: Work, event: HouseholdReclassified) -> None:
    """Its categories changed, or whether a minor lives in it."""
    known = _learn(
        work,
        event.household_id,
        area_code=event.area_code,
        categories=sorted(event.categories),
        has_minor=event.has_minor,
    )
    if event.has_minor:
        stop_unsafe(work, known)


def note_consent(work: Work, household_id: UUID, given: bool) -> None:
    """The family's word on pairing. A no ends what stands or is asked about, and costs the family nothing."""
    _learn(work, household_id, pairing_consent=given)
    if not given:
        stop_for_household(work, household_id, EndReason.CONSENT_WITHDRAWN)


def _learn(work: Work, household_id: UUID, **facts: object) -> care.Known:
    known = care.learn(work, household_id, within=work.scope, **facts)
    if known is None:
        raise HouseholdUnknown(str(household_id))
    return known
