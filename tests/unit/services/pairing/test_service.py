"""The table of contents leaves nothing of the contract unanswered, and names every job that is asked for."""

import pytest

from contracts import pairing
from contracts.codes import DeclineReason, EndReason, Side
from contracts.households import ConsentAnswered, ConsentWithdrawn, HouseholdReclassified, HouseholdRegistered
from contracts.messages import Event
from contracts.refusals import Refused
from services.pairing.model import Match
from services.pairing.queries.paging import cursor_after, read_cursor
from services.pairing.service import SERVICE
from services.pairing.usecases.imports import CHECK_JOB, COMMIT_JOB
from services.pairing.usecases.rematching import NEXT_JOB, REMATCH_JOB, replaced
from services.pairing.usecases.rounds import SOLVE_JOB
from tests.support.pairing import TODAY, VILLAGE, id_of


def a_match(number: str = "M2", replaces: str | None = None) -> Match:
    return Match(
        id=id_of(number),
        household_id=id_of("F1"),
        helper_id=id_of("H1"),
        area_code=VILLAGE,
        proposed_on=TODAY,
        answer_by=TODAY,
        replaces=id_of(replaces) if replaces else None,
    )


def declined(match: Match) -> Match:
    said = match.decline(Side.HELPER, DeclineReason.NOT_SAID, TODAY)
    assert isinstance(said, Match)
    return said


def stopped(match: Match, *, active: bool) -> Match:
    if active:
        for step in (Match.accept_as_helper, Match.accept_as_household):
            after = step(match, TODAY)
            assert isinstance(after, Match)
            match = after
    over = match.stop(EndReason.HELPER_LEFT, TODAY)
    assert isinstance(over, Match)
    return over


def test_every_command_and_query_of_the_contract_is_answered() -> None:
    assert set(SERVICE.commands) == set(pairing.COMMANDS)
    assert set(SERVICE.queries) == set(pairing.QUERIES)


def test_every_job_that_is_asked_for_can_be_done() -> None:
    assert set(SERVICE.jobs) == {CHECK_JOB, COMMIT_JOB, SOLVE_JOB, NEXT_JOB, REMATCH_JOB}


def test_pairing_listens_to_families_alone() -> None:
    heard: list[type[Event]] = [ConsentAnswered, ConsentWithdrawn, HouseholdReclassified, HouseholdRegistered]
    assert set(SERVICE.reactions_to()) == {event.type for event in heard}


def test_a_new_proposal_stands_in_for_the_pair_that_ended() -> None:
    assert replaced(stopped(a_match(), active=True)) == id_of("M2")
    assert replaced(stopped(a_match(replaces="M1"), active=True)) == id_of("M2")


def test_it_still_does_after_proposals_in_between_came_to_nothing() -> None:
    assert replaced(declined(a_match(replaces="M1"))) == id_of("M1")
    assert replaced(stopped(a_match(replaces="M1"), active=False)) == id_of("M1")


def test_after_a_first_proposal_that_was_declined_nobody_is_replaced() -> None:
    assert replaced(declined(a_match())) is None
    assert replaced(stopped(a_match(), active=False)) == id_of("M2")


def test_a_cursor_leads_back_to_where_the_page_ended() -> None:
    assert read_cursor(cursor_after("F:1", id_of("M1"))) == ("F:1", id_of("M1"))
    assert read_cursor(None) is None


@pytest.mark.parametrize("cursor", ["", "F1", "F1:", "F1:not-an-id"])
def test_a_made_up_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Refused):
        read_cursor(cursor)
