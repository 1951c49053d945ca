"""Who stands behind an audience, and why a message may not be sent."""

from typing import Any

from contracts.actor import Role
from contracts.area import AreaLevel, level_of
from contracts.households import ContactView
from contracts.messages import Event
from services.notify.model import Audience, Reason, Recipient, RecipientKind, Text

TOWNSHIP_DIGITS = 9


def recipient_of(audience: Audience, event: Event) -> Recipient:
    """Whom this event's rule tells. The event carries `area_code`, and the id that the audience needs."""
    told: Any = event
    match audience:
        case Audience.HELPER:
            return Recipient(RecipientKind.HELPER, told.area_code, id=told.helper_id)
        case Audience.HOUSEHOLD:
            return Recipient(RecipientKind.HOUSEHOLD, told.area_code, id=told.household_id)
        case Audience.OFFICERS:
            return office_above(told.area_code)
        case Audience.VILLAGE_WORKERS:
            return village_office(told.area_code)


def office_above(area_code: str) -> Recipient:
    """The township officers over an area; what belongs to no township goes to the county's."""
    if level_of(area_code) is AreaLevel.COUNTY:
        return Recipient(RecipientKind.OFFICE, area_code, role=Role.COUNTY_OFFICER)
    return Recipient(RecipientKind.OFFICE, area_code[:TOWNSHIP_DIGITS], role=Role.TOWNSHIP_OFFICER)


def village_office(area_code: str) -> Recipient:
    """The workers of a village; what belongs to no village goes to the office above."""
    if level_of(area_code) is not AreaLevel.VILLAGE:
        return office_above(area_code)
    return Recipient(RecipientKind.OFFICE, area_code, role=Role.VILLAGE_WORKER)


def why_withhold(contact: ContactView) -> Reason | None:
    """Why nothing may be sent to this contact, or None. Consent comes first (L1)."""
    if not contact.allowed:
        return Reason.CONSENT_MISSING
    return None if contact.phone else Reason.NO_CONTACT


def words_for(text: Text, language: str) -> str:
    """The text in the contact's language; Chinese unless English was asked for."""
    return text.en if language.lower().startswith("en") else text.zh
