"""A note is read by whoever may, for a purpose, on record; it shows in no other place."""

from uuid import UUID

import pytest

from chassis.ids import new_id
from chassis.work import transact
from contracts.activities import GetVisit, VisitFile
from contracts.actor import Actor, Purpose, Role
from contracts.codes import VisitChannel
from contracts.refusals import NOT_FOUND, Refusal
from services.activities.queries import get_visit
from tests.support.activities import (
    OTHER_TOWNSHIP,
    TODAY,
    TOWNSHIP,
    VILLAGE,
    Pair,
    a_helper_signed_in,
    an_officer,
)
from tests.support.service_calls import Speaker, answered, created, refused

CANARY = "老王头昨天摔了一跤 13812345678"


@pytest.fixture
def pair(speaker: Speaker) -> Pair:
    """A household that consented to visits, and its helper."""
    pair = Pair()
    speaker.tell(pair.registered(), pair.consent(), pair.activated())
    return pair


def reading(actor: Actor, purpose: Purpose = Purpose.VISITS) -> Actor:
    return actor.model_copy(update={"purpose": purpose})


def seen_by(speaker: Speaker, actor: Actor, visit_id: UUID) -> VisitFile | Refusal:
    """What the query itself answers, past the check of role and purpose."""
    return transact(speaker.runtime, actor, lambda work: get_visit(work, GetVisit(visit_id=visit_id)))


def test_an_officer_reads_a_visit_with_its_note(speaker: Speaker, pair: Pair) -> None:
    consent_id = new_id()
    told = pair.visit(channel=VisitChannel.PHONE, needs_checked=True, consent_ref=consent_id, note=CANARY)
    visit_id = created(speaker.do(a_helper_signed_in(pair.helper_id), told))
    assert answered(speaker.ask(reading(an_officer()), GetVisit(visit_id=visit_id))) == {
        "visit_id": str(visit_id),
        "household_id": str(pair.household_id),
        "match_id": str(pair.match_id),
        "area_code": VILLAGE,
        "visited_on": str(TODAY),
        "reported_on": str(TODAY),
        "channel": "phone",
        "outcome": "all_well",
        "needs_checked": True,
        "consent_ref": str(consent_id),
        "flags": [],
        "reported_by": f"helper-{pair.helper_id}",
        "note": CANARY,
    }


def test_what_was_not_said_is_not_shown_and_what_is_odd_is_flagged(speaker: Speaker) -> None:
    pair = Pair()
    speaker.tell(pair.registered())
    visit_id = created(speaker.do(an_officer(), pair.visit(note="")))
    seen = answered(speaker.ask(reading(an_officer(VILLAGE, Role.VILLAGE_WORKER)), GetVisit(visit_id=visit_id)))
    assert [seen[name] for name in ("channel", "match_id", "needs_checked", "consent_ref", "note")] == [None] * 5
    assert seen["flags"] == ["match_unknown", "without_consent"]


def test_a_note_whose_key_was_destroyed_is_gone_and_the_visit_stays(speaker: Speaker, pair: Pair) -> None:
    visit_id = created(speaker.do(an_officer(), pair.visit(note=CANARY)))
    speaker.rows("update visit set note_key = null where visit_id = :id returning visit_id", id=visit_id)
    assert answered(speaker.ask(reading(an_officer()), GetVisit(visit_id=visit_id)))["note"] is None


def test_nobody_reads_a_note_without_a_purpose_or_for_another_one(speaker: Speaker, pair: Pair) -> None:
    query = GetVisit(visit_id=created(speaker.do(an_officer(), pair.visit(note=CANARY))))
    assert refused(speaker.ask(an_officer(), query)) == (403, "purpose-missing")
    assert refused(speaker.ask(reading(an_officer(), Purpose.OVERSIGHT), query)) == (403, "purpose-missing")
    auditor = reading(an_officer(TOWNSHIP, Role.AUDITOR))
    assert refused(speaker.ask(auditor, query)) == (403, "role-missing")


def test_another_township_does_not_find_the_visit(speaker: Speaker, pair: Pair) -> None:
    query = GetVisit(visit_id=created(speaker.do(an_officer(), pair.visit(note=CANARY))))
    assert refused(speaker.ask(reading(an_officer(OTHER_TOWNSHIP)), query)) == (404, "not-found")
    assert refused(speaker.ask(reading(an_officer()), GetVisit(visit_id=new_id()))) == (404, "not-found")


def test_a_helper_reads_what_they_reported_while_they_stand_by_the_household(speaker: Speaker, pair: Pair) -> None:
    helper = reading(a_helper_signed_in(pair.helper_id))
    mine = created(speaker.do(helper, pair.visit(note=CANARY)))
    officers = created(speaker.do(an_officer(), pair.visit(note=CANARY)))
    seen = seen_by(speaker, helper, mine)
    assert isinstance(seen, VisitFile)
    assert seen.note == CANARY
    assert seen_by(speaker, helper, officers) == NOT_FOUND
    assert seen_by(speaker, reading(a_helper_signed_in(new_id())), mine) == NOT_FOUND
    assert seen_by(speaker, helper.model_copy(update={"subject_id": None}), mine) == NOT_FOUND
    speaker.tell(pair.ended(TODAY))
    assert seen_by(speaker, helper, mine) == NOT_FOUND


def test_the_next_helper_of_the_household_does_not_read_the_last_ones_note(speaker: Speaker, pair: Pair) -> None:
    mine = created(speaker.do(a_helper_signed_in(pair.helper_id), pair.visit(note=CANARY)))
    following = Pair(household_id=pair.household_id)
    speaker.tell(pair.ended(TODAY), following.activated(TODAY))
    assert seen_by(speaker, reading(a_helper_signed_in(following.helper_id)), mine) == NOT_FOUND


def test_each_reading_and_each_refusal_is_on_record_without_the_note(speaker: Speaker, pair: Pair) -> None:
    words = f"{CANARY} {new_id()}"
    visit_id = created(speaker.do(an_officer(), pair.visit(note=words)))
    query = GetVisit(visit_id=visit_id)
    answered(speaker.ask(reading(an_officer()), query))
    refused(speaker.ask(an_officer(), query))
    record = speaker.rows(
        "select actor_id, purpose, outcome from audit where what = 'activities.visit' order by id desc"
    )
    assert [(line["purpose"], line["outcome"]) for line in record[:2]] == [
        (None, "purpose-missing"),
        ("visits", "done"),
    ]
    assert words not in speaker.everything_kept()
