"""A household's file follows what happens: helpers, visits, later surveys, and time."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import Clock
from chassis.ids import new_id
from chassis.runtime import Runtime
from contracts.activities import VisitReported
from contracts.codes import EndReason, HelperKindCode, VisitChannel, VisitOutcome
from contracts.households import (
    ConsentAnswered,
    GetHousehold,
    HouseholdReclassified,
    HouseholdRegistered,
    HouseholdSurveyed,
    ListHouseholds,
)
from contracts.pairing import MatchActivated, MatchEnded
from services.households.jobs import reclassify_due
from tests.support.households import (
    TODAY,
    VILLAGE,
    Office,
    family,
    head,
    line,
    member,
    number,
    officer,
    survey,
)
from tests.support.service_calls import answered, refused


@pytest.fixture
def household(office: Office) -> UUID:
    office.import_survey(survey(head(), member()))
    return office.only_household()


def activated(household: UUID, match_id: UUID, helper_id: UUID, on: date = TODAY) -> MatchActivated:
    return MatchActivated(
        match_id=match_id,
        household_id=household,
        helper_id=helper_id,
        helper_kind=HelperKindCode.NEIGHBOUR,
        area_code=VILLAGE,
        started_on=on,
        rhythm=None,
        replaces=None,
    )


def ended(household: UUID, match_id: UUID, helper_id: UUID, was_active: bool = True) -> MatchEnded:
    return MatchEnded(
        match_id=match_id,
        household_id=household,
        helper_id=helper_id,
        area_code=VILLAGE,
        ended_on=TODAY,
        was_active=was_active,
        reason=EndReason.HELPER_LEFT,
    )


def visited(household: UUID, on: date, outcome: VisitOutcome = VisitOutcome.ALL_WELL) -> VisitReported:
    return VisitReported(
        visit_id=new_id(),
        household_id=household,
        match_id=None,
        area_code=VILLAGE,
        visited_on=on,
        reported_on=TODAY,
        channel=VisitChannel.IN_PERSON,
        outcome=outcome,
    )


def happened(office: Office, household: UUID) -> list[str]:
    return [entry["what"] for entry in office.file(household)["history"]]


# --- others' news


def test_the_file_shows_who_stands_by_the_household_and_no_longer_when_it_is_over(
    office: Office, household: UUID
) -> None:
    match_id, helper_id = new_id(), new_id()
    office.tell(activated(household, match_id, helper_id))
    assert office.file(household)["helper_id"] == str(helper_id)
    office.tell(ended(household, match_id, helper_id))
    assert office.file(household)["helper_id"] is None
    assert happened(office, household)[-2:] == ["helper-assigned", "helper-left"]


def test_a_replacement_heard_of_before_the_end_stays(office: Office, household: UUID) -> None:
    old, new = (new_id(), new_id()), (new_id(), new_id())
    office.tell(activated(household, *old, on=date(2026, 3, 1)), activated(household, *new))
    office.tell(ended(household, *old))
    assert office.file(household)["helper_id"] == str(new[1])


def test_an_old_pair_heard_of_late_does_not_take_the_newer_ones_place(office: Office, household: UUID) -> None:
    old, new = (new_id(), new_id()), (new_id(), new_id())
    office.tell(activated(household, *new), activated(household, *old, on=date(2026, 3, 1)))
    assert office.file(household)["helper_id"] == str(new[1])


def test_a_proposal_that_came_to_nothing_is_not_in_the_file(office: Office, household: UUID) -> None:
    office.tell(ended(household, new_id(), new_id(), was_active=False))
    assert happened(office, household) == ["registered", "surveyed"]


def test_the_last_visit_is_the_latest_and_nobody_at_home_is_none(office: Office, household: UUID) -> None:
    office.tell(visited(household, date(2026, 4, 10)), visited(household, date(2026, 4, 2)))
    office.tell(visited(household, date(2026, 4, 12), VisitOutcome.NOT_HOME))
    assert office.file(household)["last_visited_on"] == "2026-04-10"
    assert happened(office, household)[-3:] == ["visited", "visited", "nobody-home"]


def test_news_of_a_household_that_is_not_known_yet_waits_for_it(office: Office) -> None:
    unknown = new_id()
    office.tell(activated(unknown, new_id(), new_id()), visited(unknown, TODAY))
    waiting = office.rows("select state, waits_for from inbox_waiting")
    assert waiting == [{"state": "not_yet", "waits_for": str(unknown)}] * 2


# --- later surveys


def test_a_later_survey_changes_what_it_says_and_keeps_what_was_known(office: Office, household: UUID) -> None:
    elder = line(name="王老", relation="父", id=number(date(1950, 1, 1)), hukou="本村", home="本村")
    later = head(filled="2026.4.9", phone="13900002222", need="购药、陪同就医")
    stand = office.import_survey(survey(later, member(), elder))
    assert (stand["households_stored"], stand["unchanged"]) == (1, 0)
    file = office.file(household)
    assert (file["surveyed_on"], file["derived"], len(file["persons"])) == ("2026-04-09", ["elderly"], 3)
    assert {"member-added", "member-changed", "reclassified", "surveyed"} <= set(happened(office, household))
    (event,) = office.said(HouseholdReclassified)
    assert event.model_dump(mode="json")["categories"] == ["family_planning", "elderly"]
    assert len(office.said(HouseholdRegistered)) == 1
    assert len(office.said(HouseholdSurveyed)) == 2
    assert office.rows("select count(*) as n from need") == [{"n": 2}]


def test_an_older_survey_changes_nothing(office: Office, household: UUID) -> None:
    told = office.events_told()
    stand = office.import_survey(survey(head(filled="2026.3.1", phone="13900002222"), member()))
    assert (stand["households_stored"], stand["unchanged"]) == (0, 1)
    assert office.events_told() == told


def test_who_is_no_longer_listed_leaves_the_file_and_may_be_listed_elsewhere(
    office: Office, household: UUID
) -> None:
    office.import_survey(survey(head(filled="2026.4.9")))
    assert [person["relation"] for person in office.file(household)["persons"]] == ["head"]
    stand = office.import_survey(survey(member(no="002", relation="户主", filled="2026.4.9")))
    assert (stand["households_stored"], stand["problems"]) == (1, [])
    assert [row["number"] for row in office.households()] == [f"{VILLAGE}-0001", f"{VILLAGE}-0002"]


def test_an_answer_that_a_correction_turns_is_told_and_the_others_are_not(office: Office, household: UUID) -> None:
    before = len(office.said(ConsentAnswered))
    office.import_survey(survey(head(pairing="否", visits="是"), member()))
    told = [event.model_dump(mode="json") for event in office.said(ConsentAnswered)[before:]]
    assert [(event["purpose"], event["answer"]) for event in told] == [("pairing", "no"), ("visits", "yes")]


def test_a_complete_archive_is_told_and_a_gap_is_named_by_code(office: Office) -> None:
    office.import_survey(survey(head(), head(no="002", id=number(date(1990, 1, 1)), phone="", category="")))
    first, second = (event.model_dump() for event in office.said(HouseholdSurveyed))
    assert (first["archive_complete"], first["missing"]) == (True, ())
    assert (second["archive_complete"], second["missing"]) == (False, ("phone", "category"))


# --- time


def a_day(runtime: Runtime, day: date) -> Runtime:
    return replace(runtime, clock=Clock(runtime.clock.zone, day))


def test_a_category_follows_on_the_very_day_and_is_told_once(office: Office) -> None:
    office.import_survey(survey(head(id=number(date(1966, 5, 20)))))
    household = office.only_household()
    reclassify_due(a_day(office.runtime, date(2026, 5, 19)))
    assert office.said(HouseholdReclassified) == []
    for _ in range(2):
        reclassify_due(a_day(office.runtime, date(2026, 5, 20)))
    (event,) = office.said(HouseholdReclassified)
    told = event.model_dump(mode="json")
    assert (told["changed_on"], told["categories"]) == (
        "2026-05-20",
        ["family_planning", "elderly", "empty_nest"],
    )
    assert office.file(household)["derived"] == ["elderly", "empty_nest"]
    assert office.rows("select next_change_on from household") == [{"next_change_on": None}]


def test_a_child_who_comes_of_age_is_told_as_no_minor(office: Office) -> None:
    child = member(name="王小", relation="长子", id=number(date(2008, 6, 1)))
    office.import_survey(survey(head(), child))
    reclassify_due(a_day(office.runtime, date(2026, 6, 1)))
    (event,) = office.said(HouseholdReclassified)
    assert event.model_dump()["has_minor"] is False


# --- reading


def test_households_are_listed_by_number_page_by_page(office: Office) -> None:
    rows: list[Any] = [head(no=f"{n:03d}", id=number(date(1970, 1, n))) for n in range(1, 6)]
    office.import_survey(survey(*rows))
    first = answered(office.ask(officer(), ListHouseholds(limit=3)))
    rest = answered(office.ask(officer(), ListHouseholds(limit=3, cursor=first["next_cursor"])))
    numbers = [row["number"] for page in (first, rest) for row in page["items"]]
    assert numbers == [f"{VILLAGE}-{n:04d}" for n in range(1, 6)]
    assert rest["next_cursor"] is None
    assert [row["number"] for row in office.households(number=f"{VILLAGE}-0004")] == [f"{VILLAGE}-0004"]


def test_a_family_opens_its_own_file_and_no_other(office: Office, household: UUID) -> None:
    assert office.file(household, family(household))["household_id"] == str(household)
    asked = office.ask(family(new_id()), GetHousehold(household_id=household))
    assert refused(asked) == (404, "not-found")


def test_a_file_is_not_opened_without_a_purpose(office: Office, household: UUID) -> None:
    asker = officer().model_copy(update={"purpose": None})
    assert refused(office.ask(asker, GetHousehold(household_id=household))) == (403, "purpose-missing")
