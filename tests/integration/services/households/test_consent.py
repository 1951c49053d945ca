"""Consent is answered, withdrawn and asked for: what the family said last is what counts (L1)."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.ids import new_id
from contracts.actor import Actor, Purpose
from contracts.codes import ConsentAnswer, ConsentPurpose, HelperKindCode
from contracts.households import (
    AnswerConsent,
    ConsentAnswered,
    ConsentWithdrawn,
    GetHouseholdContact,
    WithdrawConsent,
)
from contracts.pairing import MatchActivated
from tests.support.households import (
    OTHER_TOWNSHIP,
    TODAY,
    VILLAGE,
    Office,
    family,
    head,
    helper,
    member,
    number,
    officer,
    survey,
)
from tests.support.service_calls import answered, refused

YESTERDAY = date(2026, 4, 14)
YES, NO = ConsentAnswer.YES, ConsentAnswer.NO


@pytest.fixture
def household(office: Office) -> UUID:
    """Said yes to pairing and messages on 1 April, no to visits and referral."""
    office.import_survey(survey(head(), member()))
    return office.only_household()


def answer(
    household: UUID, said: ConsentAnswer = YES, on: date = TODAY, purpose: ConsentPurpose = ConsentPurpose.VISITS
) -> AnswerConsent:
    return AnswerConsent(household_id=household, purpose=purpose, answer=said, answered_on=on)


def withdrawal(household: UUID, purpose: ConsentPurpose = ConsentPurpose.MESSAGES) -> WithdrawConsent:
    return WithdrawConsent(household_id=household, purpose=purpose)


def standing(office: Office, household: UUID, purpose: str = "visits") -> dict[str, Any]:
    consents = office.file(household)["consents"]
    return next(consent for consent in consents if consent["purpose"] == purpose)


def contact(office: Office, household: UUID) -> dict[str, Any]:
    asker = Actor.system("notify", office.runtime.settings.county)
    asking = asker.model_copy(update={"purpose": Purpose.MESSAGES})
    return answered(office.ask(asking, GetHouseholdContact(household_id=household)))


def test_an_answer_stands_and_others_hear_of_it_once(office: Office, household: UUID) -> None:
    before = len(office.said(ConsentAnswered))
    for _ in range(2):
        answered(office.do(officer(), answer(household)))
    assert standing(office, household)["answer"] == "yes"
    assert len(office.said(ConsentAnswered)) == before + 1


def test_a_new_answer_has_a_new_id_and_its_withdrawal_keeps_it(office: Office, household: UUID) -> None:
    answered(office.do(officer(), answer(household, ConsentAnswer.NO, TODAY - timedelta(days=1))))
    before = standing(office, household)["consent_id"]
    answered(office.do(officer(), answer(household)))
    given = standing(office, household)["consent_id"]
    assert given != before
    answered(office.do(officer(), answer(household)))
    assert standing(office, household)["consent_id"] == given, "the same answer again is no news"
    answered(office.do(officer(), withdrawal(household, ConsentPurpose.VISITS)))
    assert standing(office, household)["consent_id"] == given
    assert standing(office, household)["withdrawn_on"] == str(TODAY)
    everything = [consent["consent_id"] for consent in office.file(household)["consents"]]
    assert len(set(everything)) == len(everything)
    kept = office.rows("select answer, purpose from consent_history where id = :id", id=given)
    assert kept == [{"answer": "yes", "purpose": "visits"}]


def test_an_older_answer_that_arrives_late_is_kept_and_changes_nothing(office: Office, household: UUID) -> None:
    answered(office.do(officer(), answer(household, NO, TODAY)))
    before = len(office.said(ConsentAnswered))
    answered(office.do(officer(), answer(household, YES, YESTERDAY)))
    assert standing(office, household)["answer"] == "no"
    assert len(office.said(ConsentAnswered)) == before
    assert "consent-answered-late" in {line["what"] for line in office.file(household)["history"]}
    kept = office.rows("select answer, counts from consent_history where said_on = '2026-04-14'")
    assert kept == [{"answer": "yes", "counts": False}]


def test_an_answer_from_a_day_to_come_is_refused(office: Office, household: UUID) -> None:
    reply = office.do(officer(), answer(household, on=date(2026, 4, 16)))
    assert refused(reply) == (422, "day-to-come")


def test_a_withdrawal_stands_and_others_hear_of_it_once(office: Office, household: UUID) -> None:
    for _ in range(2):
        answered(office.do(family(household), withdrawal(household)))
    assert standing(office, household, "messages")["withdrawn_on"] == str(TODAY)
    (event,) = office.said(ConsentWithdrawn)
    assert event.model_dump()["purpose"] == "messages"


def test_a_yes_that_was_under_way_does_not_undo_a_withdrawal(office: Office, household: UUID) -> None:
    answered(office.do(officer(), withdrawal(household, ConsentPurpose.PUBLICITY)))
    answered(office.do(officer(), answer(household, YES, TODAY, ConsentPurpose.PUBLICITY)))
    stands = standing(office, household, "publicity")
    assert (stands["answer"], stands["withdrawn_on"]) == ("no", str(TODAY))
    assert office.said(ConsentWithdrawn) == []


def test_a_withdrawal_survives_a_corrected_copy_of_the_survey(office: Office, household: UUID) -> None:
    answered(office.do(officer(), withdrawal(household)))
    office.import_survey(survey(head(phone="13900001111"), member()))
    assert standing(office, household, "messages")["withdrawn_on"] == str(TODAY)
    assert contact(office, household) == {"allowed": False, "phone": None, "language": "zh"}


def test_a_contact_is_given_only_with_consent_to_messages(office: Office, household: UUID) -> None:
    assert contact(office, household) == {"allowed": True, "phone": "13800001234", "language": "zh"}
    answered(office.do(officer(), withdrawal(household)))
    assert contact(office, household)["phone"] is None


def test_the_contact_is_the_first_adult_with_a_phone_and_never_a_child(office: Office) -> None:
    child = member(name="王小", relation="长子", id=number(date(2012, 5, 5)), phone="13800005555")
    office.import_survey(survey(head(phone=""), child, member(phone="13800006666")))
    assert contact(office, office.only_household())["phone"] == "13800006666"


def test_a_contact_is_for_services_alone(office: Office, household: UUID) -> None:
    asker = officer().model_copy(update={"purpose": Purpose.MESSAGES})
    assert refused(office.ask(asker, GetHouseholdContact(household_id=household))) == (403, "role-missing")


def test_a_family_speaks_for_itself_alone(office: Office, household: UUID) -> None:
    answered(office.do(family(household), answer(household)))
    stranger = family(new_id())
    for command in (answer(household), withdrawal(household)):
        assert refused(office.do(stranger, command)) == (404, "not-found")


def test_a_helper_records_consent_only_where_they_stand_by(office: Office, household: UUID) -> None:
    helper_id = new_id()
    assert refused(office.do(helper(helper_id), answer(household))) == (404, "not-found")
    office.tell(
        MatchActivated(
            match_id=new_id(),
            household_id=household,
            helper_id=helper_id,
            helper_kind=HelperKindCode.NEIGHBOUR,
            area_code=VILLAGE,
            started_on=TODAY,
            rhythm=None,
            replaces=None,
        )
    )
    answered(office.do(helper(helper_id), answer(household)))
    assert refused(office.do(helper(new_id()), withdrawal(household))) == (404, "not-found")


def test_an_officer_of_another_township_finds_no_household(office: Office, household: UUID) -> None:
    reply = office.do(officer(OTHER_TOWNSHIP), withdrawal(household))
    assert refused(reply) == (404, "not-found")


@pytest.mark.parametrize(("born", "verified"), [(date(2012, 4, 1), True), (date(2012, 4, 2), False)])
def test_with_a_child_under_fourteen_the_guardian_is_still_to_be_recorded(
    office: Office, born: date, verified: bool
) -> None:
    child = member(name="王小", relation="长子", id=number(born))
    office.import_survey(survey(head(), child))
    household = office.only_household()
    assert standing(office, household, "pairing")["guardian_verified"] is verified
