"""Who stands behind an audience, and why a message is withheld."""

import pytest

from contracts.actor import Role
from contracts.households import ContactView
from services.notify.model import Audience, Reason, Recipient, RecipientKind, Text
from services.notify.rules import office_above, recipient_of, village_office, why_withhold, words_for
from tests.support.notify import COUNTY, TOWNSHIP, VILLAGE, Helper, Pair

TEXT = Text("yes", "好")


def test_the_helper_and_the_household_of_a_pair_are_told_by_id() -> None:
    pair = Pair()
    assert recipient_of(Audience.HELPER, pair.activated()).id == pair.helper_id
    assert recipient_of(Audience.HOUSEHOLD, pair.activated()).id == pair.household_id


def test_what_happens_in_a_village_is_told_to_its_township_and_to_its_workers() -> None:
    left = Helper().left()
    assert recipient_of(Audience.OFFICERS, left) == Recipient(
        RecipientKind.OFFICE, TOWNSHIP, role=Role.TOWNSHIP_OFFICER
    )
    assert recipient_of(Audience.VILLAGE_WORKERS, left) == Recipient(
        RecipientKind.OFFICE, VILLAGE, role=Role.VILLAGE_WORKER
    )


@pytest.mark.parametrize(
    ("area", "role"),
    [(VILLAGE, Role.TOWNSHIP_OFFICER), (TOWNSHIP, Role.TOWNSHIP_OFFICER), (COUNTY, Role.COUNTY_OFFICER)],
)
def test_nothing_falls_between_the_offices(area: str, role: Role) -> None:
    assert office_above(area).role is role
    if area != VILLAGE:
        assert village_office(area) == office_above(area)


def test_two_recipients_of_one_event_are_told_apart() -> None:
    pair = Pair()
    event = pair.activated()
    assert len({recipient_of(audience, event).key for audience in Audience}) == len(Audience)


@pytest.mark.parametrize(
    ("contact", "reason"),
    [
        (ContactView(allowed=True, phone="13800000001", language="zh"), None),
        (ContactView(allowed=False, phone="13800000001", language="zh"), Reason.CONSENT_MISSING),
        (ContactView(allowed=False, phone=None, language="zh"), Reason.CONSENT_MISSING),
        (ContactView(allowed=True, phone=None, language="zh"), Reason.NO_CONTACT),
        (ContactView(allowed=True, phone="", language="zh"), Reason.NO_CONTACT),
    ],
)
def test_consent_comes_before_everything(contact: ContactView, reason: Reason | None) -> None:
    assert why_withhold(contact) is reason


@pytest.mark.parametrize(
    ("language", "words"), [("en", "yes"), ("en-GB", "yes"), ("zh", "好"), ("zh-CN", "好"), ("", "好")]
)
def test_words_come_in_the_contacts_language(language: str, words: str) -> None:
    assert words_for(TEXT, language) == words
