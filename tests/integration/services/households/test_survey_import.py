"""A township's survey comes in: every problem named, every valid household stored once."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from chassis.workbook import open_workbook
from contracts.households import (
    CommitSurvey,
    ConsentAnswered,
    GetSurveyImport,
    HouseholdRegistered,
    HouseholdSurveyed,
)
from services.households.usecases import registering
from tests.support.households import (
    MAN,
    OTHER_TOWNSHIP,
    VILLAGE,
    Office,
    county_officer,
    head,
    member,
    number,
    officer,
    survey,
)
from tests.support.service_calls import refused
from tests.support.workbooks import Known, known_surveys, with_formula

SURVEYS = known_surveys()


@pytest.fixture(params=SURVEYS)
def known(request: pytest.FixtureRequest) -> Known:
    return SURVEYS[request.param]


@pytest.fixture
def township(known: Known, found_office: Callable[[str], Office]) -> Office:
    office = found_office(known.county.code)
    office.import_areas(known.workbook.parent / "areas.csv", known.county.code)
    return office


def as_answer(problem: dict[str, Any]) -> dict[str, Any]:
    """A problem as the answers name it."""
    told = {name: problem[name] for name in ("sheet", "row", "column", "field", "code")}
    told["cell"] = problem["cell"] or None
    if problem["first"]:
        sheet, _, row = problem["first"].rpartition("!")
        told["first"] = {"sheet": sheet, "row": int(row)}
    return told


def in_order(problems: list[dict[str, Any]]) -> list[str]:
    return sorted(str(sorted(problem.items(), key=str)) for problem in problems)


def test_a_dry_run_names_every_problem_and_stores_no_family(known: Known, township: Office) -> None:
    actor = officer(known.answers["township_code"])
    stand = township.stand(township.check(known.workbook.read_bytes(), actor), actor)
    assert stand["state"] == "checked"
    assert in_order([as_answer(problem) for problem in stand["problems"]]) == in_order(known.answers["problems"])
    assert all(problem["fix_en"] and problem["fix_zh"] for problem in stand["problems"])
    assert (stand["rows"], stand["persons"]) == (
        known.answers["persons"]["total"],
        known.answers["persons"]["in_valid_households"],
    )
    for table in ("household", "person", "person_key", "consent", "need", "survey_answer", "outbox_of_families"):
        told = "outbox where type not like '%area%'" if table.startswith("outbox") else table
        assert township.rows(f"select count(*) as n from {told}") == [{"n": 0}], table


def test_every_valid_household_is_stored_as_the_answers_say(known: Known, township: Office) -> None:
    actor = officer(known.answers["township_code"])
    stand = township.import_survey(known.workbook.read_bytes(), actor)
    expected = known.answers["valid_households"]
    assert (stand["state"], stand["households_stored"]) == ("committed", len(expected))
    assert stand["persons_stored"] == known.answers["persons"]["in_valid_households"]
    stored = township.rows("select area_code, members, surveyed_on::text, declared from household order by id")
    codes = [["restricted" if code == "lost_only_child" else code for code in h["declared"]] for h in expected]
    assert Counter(
        (h["area_code"], h["members"], h["surveyed_on"], *sorted(h["declared"])) for h in stored
    ) == Counter(
        (h["village_code"], h["members"], h["survey_date"], *sorted(declared))
        for h, declared in zip(expected, codes, strict=True)
    )
    yes = sum(sum(h["consents"].values()) for h in expected)
    assert township.rows("select count(*) as n from consent where answer = 'yes'") == [{"n": yes}]
    assert township.rows("select count(*) as n from consent") == [{"n": 4 * len(expected)}]


def test_others_hear_of_each_household_its_survey_and_its_four_answers(known: Known, township: Office) -> None:
    actor = officer(known.answers["township_code"])
    township.import_survey(known.workbook.read_bytes(), actor)
    households = known.answers["households"]["valid"]
    assert len(township.said(HouseholdRegistered)) == len(township.said(HouseholdSurveyed)) == households
    assert len(township.said(ConsentAnswered)) == 4 * households


def test_numbers_follow_the_file_within_each_village(known: Known, township: Office) -> None:
    actor = officer(known.answers["township_code"])
    township.import_survey(known.workbook.read_bytes(), actor)
    counted: Counter[str] = Counter()
    expected = []
    for household in known.answers["valid_households"]:
        counted[household["village_code"]] += 1
        expected.append(f"{household['village_code']}-{counted[household['village_code']]:04d}")
    told = [event.household_number for event in township.said(HouseholdRegistered)]
    assert told == expected


def test_the_same_file_again_changes_nothing(known: Known, township: Office) -> None:
    actor = officer(known.answers["township_code"])
    township.import_survey(known.workbook.read_bytes(), actor)
    before, told = township.everything_about_families(), township.events_told()
    stand = township.import_survey(known.workbook.read_bytes(), actor)
    assert (stand["households_stored"], stand["persons_stored"]) == (0, 0)
    assert stand["unchanged"] == known.answers["households"]["valid"]
    assert township.everything_about_families() == before
    assert township.events_told() == told


def test_control_an_import_that_does_not_see_what_is_unchanged_is_found_out(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.import_survey(survey(head(), member()))
    before = office.everything_about_families()
    monkeypatch.setattr(registering, "is_unchanged", lambda item, row, survey: False)
    stand = office.import_survey(survey(head(), member()))
    assert (stand["households_stored"], stand["unchanged"]) == (1, 0)
    assert office.everything_about_families() != before


def test_a_survey_is_checked_and_stored_within_three_seconds(known: Known, township: Office) -> None:
    actor = officer(known.answers["township_code"])
    data = known.workbook.read_bytes()
    started = time.process_time()
    township.import_survey(data, actor)
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "workbook-empty"),
        (b"no workbook", "workbook-not-xlsx"),
        (b"PK\x03\x04 cut short", "workbook-damaged"),
        (survey(head(), title="河东镇2026年生育关怀家庭调查表"), "township-unknown"),
        (survey(head(), title="柳湾镇2026年生育关怀家庭调查表"), "township-unknown"),
    ],
)
def test_a_workbook_that_cannot_be_read_is_refused_with_one_code_and_nothing_stored(
    office: Office, data: bytes, code: str
) -> None:
    before = office.everything_about_families()
    stand = office.stand(office.check(data))
    assert (stand["state"], stand["refused_code"], stand["problems"]) == ("refused", code, [])
    assert stand["refused_fix_en"]
    assert stand["refused_fix_zh"]
    assert office.everything_about_families() == before
    commit = office.do(officer(), CommitSurvey(import_id=stand["import_id"]))
    assert refused(commit) == (409, "import-not-checked")


def test_a_survey_with_a_computed_field_is_refused_at_its_cell_with_what_to_do_and_nothing_stored(
    office: Office,
) -> None:
    before = office.everything_about_families()
    data = survey(head())
    sheet = open_workbook(data).sheets[0].name
    stand = office.stand(office.check(with_formula(data, sheet, "C4")))
    assert (stand["state"], stand["refused_code"]) == ("refused", "workbook-formulas")
    assert [(p["sheet"], p["row"], p["cell"], p["code"]) for p in stand["problems"]] == [
        (sheet, 4, "C4", "workbook-formulas")
    ]
    assert "paste as values" in stand["refused_fix_en"]
    assert "数值" in stand["refused_fix_zh"]
    assert office.everything_about_families() == before


def test_an_upload_that_is_gone_is_refused_with_one_code(office: Office) -> None:
    import_id = office.check(survey(head()))
    (row,) = office.rows("select file_id from survey_import")
    office.runtime.files.remove(row["file_id"])
    office.do(officer(), CommitSurvey(import_id=import_id))
    office.work()
    stand = office.stand(import_id)
    assert (stand["state"], stand["refused_code"]) == ("refused", "file-missing")
    assert office.households() == []


def test_a_commit_asked_twice_stores_once(office: Office) -> None:
    import_id = office.check(survey(head(), member()))
    for _ in range(2):
        assert office.do(officer(), CommitSurvey(import_id=import_id)).refusal is None
    office.work()
    assert office.do(officer(), CommitSurvey(import_id=import_id)).refusal is None
    office.work()
    assert [row["number"] for row in office.households()] == [f"{VILLAGE}-0001"]
    assert len(office.said(HouseholdRegistered)) == 1


def test_another_township_neither_sees_nor_commits_the_import(office: Office) -> None:
    import_id = office.check(survey(head()))
    stranger = officer(OTHER_TOWNSHIP)
    assert refused(office.ask(stranger, GetSurveyImport(import_id=import_id))) == (404, "not-found")
    assert refused(office.do(stranger, CommitSurvey(import_id=import_id))) == (404, "not-found")


def test_villages_outside_the_importers_own_are_unknown_to_the_import(office: Office) -> None:
    worker = officer("990101101203")
    stand = office.import_survey(survey(head()), worker)
    assert [problem["code"] for problem in stand["problems"]] == ["village-unknown"]
    assert stand["households_stored"] == 0
    assert office.households(county_officer()) == []


def test_a_new_head_does_not_make_a_new_household(office: Office) -> None:
    office.import_survey(survey(head(), member()))
    new_head = head(name="赵三", id=number(date(1975, 5, 5)))
    stand = office.import_survey(survey(new_head, member()))
    assert (stand["households_stored"], stand["problems"]) == (1, [])
    (row,) = office.households()
    assert (row["number"], row["members"]) == (f"{VILLAGE}-0001", 2)
    said = {line["what"] for line in office.file(office.only_household())["history"]}
    assert said >= {"member-added", "member-left"}


def test_somebody_listed_in_another_household_keeps_the_household_out_and_is_named_by_row(office: Office) -> None:
    office.import_survey(survey(head(), member()))
    other = head(no="002", name="赵三", id=number(date(1975, 5, 5)))
    stand = office.import_survey(survey(head(), other, member()))
    assert [(problem["code"], problem["row"]) for problem in stand["problems"]] == [("registered-elsewhere", 6)]
    assert len(office.households()) == 1


def test_a_household_in_another_village_is_not_moved_by_an_import(office: Office) -> None:
    office.import_survey(survey(head()))
    stand = office.import_survey(survey(head(), sheet="新丰村"))
    assert [problem["code"] for problem in stand["problems"]] == ["registered-elsewhere"]
    assert [row["area_code"] for row in office.households()] == [VILLAGE]


def test_somebody_on_file_in_another_township_is_seen_without_being_shown(office: Office) -> None:
    office.import_survey(survey(head()))
    stranger = officer(OTHER_TOWNSHIP)
    data = survey(head(), sheet="河东村", title="柳湾镇2026年生育关怀家庭调查表")
    stand = office.import_survey(data, stranger)
    assert [problem["code"] for problem in stand["problems"]] == ["registered-elsewhere"]
    assert office.households(stranger) == []
    assert MAN not in str(stand)
