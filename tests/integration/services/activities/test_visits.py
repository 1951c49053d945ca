"""Visits are taken in: late, assisted, doubled, unmatched, unconsented; never dropped and never twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.ids import new_id
from chassis.sealing import KeyRing, SealBroken
from contracts.activities import ListVisits, VisitReported
from contracts.actor import Role
from contracts.codes import ConsentAnswer, ConsentPurpose, VisitChannel, VisitOutcome
from tests.support.activities import (
    OTHER_TOWNSHIP,
    TODAY,
    VILLAGE,
    Pair,
    a_helper_signed_in,
    an_officer,
)
from tests.support.service_calls import Speaker, answered, created, refused

YESTERDAY = TODAY - timedelta(days=1)
CANARY = "老王头昨天摔了一跤 13812345678"


@pytest.fixture
def pair(speaker: Speaker) -> Pair:
    """A household that consented to visits, and its helper."""
    pair = Pair()
    speaker.tell(pair.registered(), pair.consent(), pair.activated())
    return pair


def kept(speaker: Speaker, visit_id: UUID) -> dict[str, Any]:
    return speaker.rows("select * from visit where visit_id = :id", id=visit_id)[0]


def reported(speaker: Speaker, visit_id: UUID) -> VisitReported:
    found = [event for event in speaker.said(VisitReported) if event.visit_id == visit_id]
    assert len(found) == 1
    return found[0]


def test_a_helper_reports_a_visit_to_their_own_household(speaker: Speaker, pair: Pair) -> None:
    visit_id = created(speaker.do(a_helper_signed_in(pair.helper_id), pair.visit(outcome=VisitOutcome.NEEDS_HELP)))
    said = reported(speaker, visit_id)
    assert (said.household_id, said.match_id, said.area_code) == (pair.household_id, pair.match_id, VILLAGE)
    assert (said.visited_on, said.reported_on, said.outcome) == (TODAY, TODAY, VisitOutcome.NEEDS_HELP)
    assert kept(speaker, visit_id)["flags"] == []


def test_a_visit_that_names_no_channel_is_said_to_have_had_none(speaker: Speaker, pair: Pair) -> None:
    officer = an_officer()
    visit_id = created(speaker.do(officer, pair.visit()))
    assert reported(speaker, visit_id).channel is None
    rows = answered(speaker.ask(officer, ListVisits(household_id=pair.household_id)))["items"]
    assert [row["channel"] for row in rows] == [None]
    by_phone = speaker.do(officer, pair.visit(channel=VisitChannel.PHONE))
    assert reported(speaker, created(by_phone)).channel is VisitChannel.PHONE


def test_a_report_that_comes_late_is_taken_in(speaker: Speaker, pair: Pair) -> None:
    late = TODAY - timedelta(days=60)
    said = reported(speaker, created(speaker.do(an_officer(), pair.visit(visited_on=late))))
    assert (said.visited_on, said.reported_on) == (late, TODAY)


def test_a_visit_in_the_future_is_refused(speaker: Speaker, pair: Pair) -> None:
    reply = speaker.do(an_officer(), pair.visit(visited_on=TODAY + timedelta(days=1)))
    assert refused(reply) == (422, "visit-in-future")
    assert reply.refusal is not None
    assert reply.refusal["pointers"] == ["/visited_on"]


def test_the_same_report_sent_again_is_one_visit(speaker: Speaker, pair: Pair) -> None:
    helper, key = a_helper_signed_in(pair.helper_id), str(new_id())
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: speaker.do(helper, pair.visit(), key), range(4)))
    assert len({created(reply) for reply in replies}) == 1
    assert sum(reply.repeated for reply in replies) == 3
    assert (
        speaker.rows("select count(*) as n from visit where household_id = :id", id=pair.household_id)[0]["n"] == 1
    )


def test_control_without_the_key_the_same_words_are_two_visits(speaker: Speaker, pair: Pair) -> None:
    helper = a_helper_signed_in(pair.helper_id)
    assert created(speaker.do(helper, pair.visit())) != created(speaker.do(helper, pair.visit()))


def test_a_pair_that_is_not_known_leaves_the_visit_unlinked_and_flagged(speaker: Speaker, pair: Pair) -> None:
    other = Pair()
    speaker.tell(other.registered(), other.consent(), other.activated())
    for foreign in (new_id(), other.match_id):
        visit_id = created(speaker.do(an_officer(), pair.visit(match_id=foreign)))
        assert reported(speaker, visit_id).match_id is None
        assert kept(speaker, visit_id)["flags"] == ["match_unknown"]


def test_a_helper_reports_for_no_other_household(speaker: Speaker, pair: Pair) -> None:
    other = Pair()
    speaker.tell(other.registered(), other.consent(), other.activated())
    stranger = a_helper_signed_in(other.helper_id)
    assert refused(speaker.do(stranger, pair.visit())) == (404, "not-found")
    assert refused(speaker.do(stranger, pair.visit(match_id=None))) == (404, "not-found")
    assert refused(speaker.do(a_helper_signed_in(None), pair.visit())) == (404, "not-found")


def test_a_report_after_the_pair_ended_is_taken_in(speaker: Speaker, pair: Pair) -> None:
    speaker.tell(pair.ended(YESTERDAY))
    helper = a_helper_signed_in(pair.helper_id)
    in_time = created(speaker.do(helper, pair.visit(visited_on=YESTERDAY)))
    after = created(speaker.do(helper, pair.visit(visited_on=TODAY)))
    assert kept(speaker, in_time)["flags"] == []
    assert kept(speaker, after)["flags"] == ["outside_match"]


def test_a_household_that_nobody_registered_is_not_found(speaker: Speaker) -> None:
    assert refused(speaker.do(an_officer(), Pair().visit())) == (404, "not-found")


def test_an_officer_of_another_township_does_not_find_the_household(speaker: Speaker, pair: Pair) -> None:
    assert refused(speaker.do(an_officer(OTHER_TOWNSHIP), pair.visit())) == (404, "not-found")
    assert answered(speaker.ask(an_officer(OTHER_TOWNSHIP), ListVisits()))["items"] == []


def test_a_visit_without_consent_is_taken_in_flagged_and_on_record(speaker: Speaker) -> None:
    pair = Pair()
    speaker.tell(pair.registered(), pair.consent(purpose=ConsentPurpose.PAIRING), pair.activated())
    visit_id = created(speaker.do(an_officer(), pair.visit()))
    assert kept(speaker, visit_id)["flags"] == ["without_consent"]
    assert reported(speaker, visit_id).visit_id == visit_id
    record = speaker.rows("select what, outcome from audit where about = :id", id=str(visit_id))
    assert record == [{"what": "activities.visit_made", "outcome": "without_consent"}]


def test_consent_counts_as_it_stood_on_the_day_of_the_visit(speaker: Speaker, pair: Pair) -> None:
    withdrawn = TODAY - timedelta(days=3)
    speaker.tell(pair.withdrawal(withdrawn))
    officer = an_officer()
    before = created(speaker.do(officer, pair.visit(visited_on=withdrawn - timedelta(days=1))))
    after = created(speaker.do(officer, pair.visit(visited_on=YESTERDAY)))
    speaker.tell(pair.consent(TODAY))
    again = created(speaker.do(officer, pair.visit(visited_on=TODAY)))
    flags = [kept(speaker, visit_id)["flags"] for visit_id in (before, after, again)]
    assert flags == [[], ["without_consent"], []]


def test_a_no_ends_consent_and_another_purpose_does_not(speaker: Speaker, pair: Pair) -> None:
    speaker.tell(pair.withdrawal(YESTERDAY, ConsentPurpose.MESSAGES))
    speaker.tell(pair.consent(YESTERDAY, ConsentAnswer.NO, ConsentPurpose.REFERRAL))
    assert kept(speaker, created(speaker.do(an_officer(), pair.visit())))["flags"] == []
    speaker.tell(pair.consent(TODAY, ConsentAnswer.NO))
    assert kept(speaker, created(speaker.do(an_officer(), pair.visit())))["flags"] == ["without_consent"]


def test_consent_given_anew_on_the_day_it_was_taken_back_holds(speaker: Speaker) -> None:
    pair = Pair()
    speaker.tell(pair.registered(), pair.consent(TODAY), pair.withdrawal(TODAY), pair.consent(TODAY))
    assert kept(speaker, created(speaker.do(an_officer(), pair.visit(match_id=None))))["flags"] == []


def test_a_note_is_kept_sealed_and_is_nowhere_else(speaker: Speaker, pair: Pair) -> None:
    reply = speaker.do(an_officer(), pair.visit(note=CANARY), "with-a-note")
    visit_id = created(reply)
    everything = speaker.everything_kept()
    for part in (CANARY, "老王头", "13812345678", CANARY.encode().hex()):
        assert part not in everything
        assert part not in reply.model_dump_json()
    row = kept(speaker, visit_id)
    ring = KeyRing({1: speaker.runtime.keys.key("field-wrap.1")})
    sealer = ring.unwrap(bytes(row["note_key"]), str(visit_id), int(row["note_key_version"]))
    assert sealer.open(bytes(row["note_sealed"]), f"visit.note.{visit_id}") == CANARY
    with pytest.raises(SealBroken):
        sealer.open(bytes(row["note_sealed"]), f"visit.note.{new_id()}")


def test_control_a_note_that_lay_open_would_be_found(speaker: Speaker, pair: Pair) -> None:
    speaker.do(an_officer(id=CANARY), pair.visit())
    assert CANARY in speaker.everything_kept()


def test_two_notes_have_two_keys(speaker: Speaker, pair: Pair) -> None:
    ids = [created(speaker.do(an_officer(), pair.visit(note="the same words"))) for _ in range(2)]
    first, second = (kept(speaker, visit_id) for visit_id in ids)
    assert first["note_key"] != second["note_key"]
    assert first["note_sealed"] != second["note_sealed"]


def test_a_helper_sees_their_own_visits_while_they_stand_by_the_household(speaker: Speaker, pair: Pair) -> None:
    helper = a_helper_signed_in(pair.helper_id)
    mine = created(speaker.do(helper, pair.visit()))
    assisted = created(speaker.do(an_officer(), pair.visit()))
    other = Pair()
    speaker.tell(other.registered(), other.consent(), other.activated())
    created(speaker.do(an_officer(), other.visit()))
    seen = answered(speaker.ask(helper, ListVisits()))["items"]
    assert {row["visit_id"] for row in seen} == {str(mine), str(assisted)}
    assert "note" not in seen[0]
    speaker.tell(pair.ended(TODAY))
    assert answered(speaker.ask(helper, ListVisits()))["items"] == []


def test_the_next_helper_does_not_read_the_visits_of_the_last(speaker: Speaker, pair: Pair) -> None:
    created(speaker.do(a_helper_signed_in(pair.helper_id), pair.visit(visited_on=YESTERDAY)))
    following = Pair(household_id=pair.household_id)
    speaker.tell(pair.ended(YESTERDAY), following.activated(TODAY))
    assert answered(speaker.ask(a_helper_signed_in(following.helper_id), ListVisits()))["items"] == []


def test_officers_list_the_visits_of_a_household_last_reported_first(speaker: Speaker, pair: Pair) -> None:
    officer = an_officer(VILLAGE, Role.VILLAGE_WORKER)
    made = [str(created(speaker.do(officer, pair.visit()))) for _ in range(3)]
    first = answered(speaker.ask(officer, ListVisits(household_id=pair.household_id, limit=2)))
    rest = answered(speaker.ask(officer, ListVisits(household_id=pair.household_id, cursor=first["next_cursor"])))
    seen = [row["visit_id"] for row in (*first["items"], *rest["items"])]
    assert sorted(seen) == sorted(made)
    assert seen == sorted(seen, reverse=True)
    assert rest["next_cursor"] is None


def test_a_proposal_that_never_stood_makes_no_household_a_helpers_own(speaker: Speaker) -> None:
    pair = Pair()
    speaker.tell(pair.registered(), pair.ended(TODAY, was_active=False))
    assert refused(speaker.do(a_helper_signed_in(pair.helper_id), pair.visit())) == (404, "not-found")


def test_a_fact_that_is_delivered_twice_changes_nothing(speaker: Speaker, pair: Pair) -> None:
    count = "select (select count(*) from known_match) + (select count(*) from known_consent) as n"
    again = Pair()
    envelopes = speaker.tell(again.registered(), again.consent(), again.activated())
    before = speaker.rows(count)
    assert speaker.deliver(*envelopes) == 0
    assert speaker.rows(count) == before
