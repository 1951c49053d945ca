"""The survey reader against known answers, and one by one against what people do to a form."""

import time
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from chassis.workbook import WorkbookRefused, open_workbook
from chassis.workbook_table import FormulaFound, Problem
from services.households.workbook import (
    FIXES,
    County,
    ProblemCode,
    SurveyHousehold,
    SurveyReading,
    read_survey,
)
from tests.support.workbooks import Known, known_surveys, with_formula, xlsx

SURVEYS = known_surveys()
TITLE = "青石镇2026年生育关怀家庭调查表"
TOP = (
    (
        "户编号 户主 姓名 与户主关系 性别 身份证号 出生日期 户籍地 现居住地 _ 联系电话 家庭类别 外出务工 _ _ _ 需求 "
        "同意事项 _ _ _ 填表日期 备注"
    )
    .replace("_", "-")
    .split()
)
SUB = [
    "-",
    "-",
    "-",
    "-",
    "-",
    "-",
    "-",
    "-",
    "地址",
    "居住起始",
    "-",
    "-",
    "是否外出",
    "地点",
    "起始",
    "预计返乡",
    "-",
    "结对",
    "上门",
    "转介",
    "短信",
    "-",
    "-",
]
HEADER = [["" if text == "-" else text for text in row] for row in (TOP, SUB)]
MAN, WOMAN = "990101198001019991", "990101198202029985"
VILLAGES = {"石桥村": "990101101202", "新丰村": "990101101203"}


def townships(name: str) -> Mapping[str, str] | None:
    return VILLAGES if name == "青石镇" else None


def line(**cells: Any) -> list[Any]:
    places = {
        "no": 0, "head": 1, "name": 2, "relation": 3, "sex": 4, "id": 5, "birth": 6, "hukou": 7, "home": 8,
        "home_since": 9, "phone": 10, "category": 11, "away": 12, "place": 13, "since": 14, "back": 15, "need": 16,
        "pairing": 17, "visits": 18, "referral": 19, "messages": 20, "filled": 21, "remark": 22,
    }  # fmt: skip
    row: list[Any] = [""] * len(places)
    for name, value in cells.items():
        row[places[name]] = value
    return row


def head(**cells: Any) -> list[Any]:
    return line(
        **{"no": "001", "head": "王一", "name": "王一", "relation": "户主", "id": MAN, "filled": "2026.4.1"} | cells
    )


def read(*rows: Sequence[Any], sheet: str = "石桥村") -> SurveyReading:
    book = open_workbook(xlsx(**{sheet: [[TITLE], *HEADER, *rows]}))
    return read_survey(book, county=County("990101", "禾源县"), villages_of=townships)


def codes(reading: SurveyReading) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.cell) for problem in reading.problems]


def as_answer(problem: Problem) -> dict[str, Any]:
    first = {"first": problem.first._asdict()} if problem.first else {}
    return {
        "sheet": problem.sheet,
        "row": problem.row,
        "column": problem.column,
        "cell": problem.cell,
        "field": problem.field,
        "code": problem.code,
    } | first


def place(household: SurveyHousehold) -> dict[str, Any]:
    return {
        "sheet": household.sheet,
        "first_row": household.first_row,
        "household_no": household.household_no,
    }


def as_household(household: SurveyHousehold) -> dict[str, Any]:
    assert household.survey_date
    return place(household) | {
        "head": household.head,
        "village_code": household.village_code,
        "members": household.members,
        "survey_date": household.survey_date.isoformat(),
        "declared": list(household.declared),
        "derivable": list(household.derivable),
        "consents": dict(household.consents),
    }


def reading_of(survey: Known) -> SurveyReading:
    return read_survey(open_workbook(survey.workbook), county=survey.county, villages_of=survey.villages_of)


@pytest.fixture(params=sorted(SURVEYS))
def survey(request: pytest.FixtureRequest) -> Known:
    return SURVEYS[request.param]


def test_every_problem_of_a_known_workbook_is_found_and_no_other(survey: Known) -> None:
    reading = reading_of(survey)
    assert [as_answer(problem) for problem in reading.problems] == survey.answers["problems"]
    found = [problem.code for problem in reading.problems]
    assert {code: found.count(code) for code in found} == survey.answers["problem_counts"]


def test_every_valid_household_of_a_known_workbook_is_read_in_full(survey: Known) -> None:
    reading = reading_of(survey)
    assert [as_household(one) for one in reading.valid_households] == survey.answers["valid_households"]
    assert [place(one) for one in reading.invalid_households] == survey.answers["invalid_households"]


def test_the_counts_of_a_known_workbook_agree(survey: Known) -> None:
    reading = reading_of(survey)
    assert [sheet._asdict() for sheet in reading.sheets] == survey.answers["sheets"]
    assert {
        "total": reading.rows_read,
        "valid": reading.persons_valid,
        "invalid": reading.rows_read - reading.persons_valid,
        "in_valid_households": sum(one.members for one in reading.valid_households),
    } == survey.answers["persons"]


def test_reading_twice_gives_the_same(survey: Known) -> None:
    assert reading_of(survey) == reading_of(survey)


def test_the_sample_holds_every_reason_code() -> None:
    assert set(SURVEYS["survey"].answers["problem_counts"]) == set(ProblemCode)


def test_every_code_says_what_to_do_in_both_languages() -> None:
    assert set(FIXES) == set(ProblemCode)
    assert all(fix.zh and fix.en for fix in FIXES.values())


def test_remarks_are_never_kept() -> None:
    reading = read(head(remark="邻居说他酗酒"))
    assert "酗酒" not in "".join(
        str(getattr(person, name)) for person in reading.households[0].persons for name in person.__slots__
    )


def test_nothing_personal_shows_in_a_representation() -> None:
    reading = read(head(phone="13800000001", home="某村9组"))
    assert not any(word in repr(reading) for word in (MAN, "王一", "13800000001", "某村9组", "1980"))


def test_a_number_that_differs_from_the_one_above_begins_a_household() -> None:
    spouse = line(name="李二", relation="妻", id=WOMAN)
    second = head(no="002", id="990101197001019997")
    reading = read(head(), spouse, second)
    assert [one.members for one in reading.households] == [2, 1]


def test_a_remark_that_mentions_a_signature_does_not_end_the_sheet() -> None:
    reading = read(head(remark="未签字"), line(name="李二", relation="妻", id=WOMAN))
    assert reading.rows_read == 2


def test_the_signature_row_ends_the_sheet() -> None:
    assert read(head(), ["填表人（签字）：王一"], head(no="002")).rows_read == 1


def test_totals_and_blank_rows_are_no_people() -> None:
    assert read(head(), [], ["小　计", "1户"], ["无", "—"], ["合 计"]).rows_read == 1


def test_a_repeated_header_may_change_the_order_of_columns() -> None:
    swapped = [[*row[:2], row[3], row[2], *row[4:]] for row in HEADER]
    second = head(no="002", id=WOMAN, name="户主", relation="赵三")
    reading = read(head(), *swapped, second)
    assert [one.persons[0].name for one in reading.households] == ["王一", "赵三"]
    assert reading.problems == ()


def test_same_as_above_follows_the_row_above() -> None:
    here = line(name="李二", relation="妻", id=WOMAN, hukou="同上", home="同上")
    reading = read(head(hukou="榆树市弓棚镇", home="本村", home_since="2020年4月"), here)
    wife = reading.households[0].persons[1]
    assert (wife.hukou, wife.facts.hukou_county, wife.facts.home_county) == ("榆树市弓棚镇", "榆树市", "here")
    assert reading.households[0].derivable == ("migrant",)


def test_what_is_not_a_clear_yes_is_a_no() -> None:
    yes = read(head(pairing="√", visits=" 是 ", referral="同意", messages="")).households[0].consents
    no = read(head(pairing="×", visits="待定", referral="不同意", messages="无")).households[0].consents
    assert list(yes.values()) == [True, True, True, False]
    assert not any(no.values())


def test_lost_digits_are_refused_and_never_guessed() -> None:
    reading = read(head(id=9.90101198001019e17), head(no="002", id="9.90101E+17"), head(no="003", id="无"))
    assert codes(reading) == [("id-as-number", "F4"), ("id-as-number", "F5"), ("id-missing", "F6")]
    assert all(one.persons[0].identity_number is None for one in reading.households)


def test_a_date_that_is_none_is_named_where_it_stands() -> None:
    reading = read(head(birth="1980.13.1", filled="2026.2.30", since="不详", home_since="2026年"))
    assert [cell for _, cell in codes(reading)] == ["G4", "J4", "O4", "V4"]
    assert {code for code, _ in codes(reading)} == {"date-invalid"}


def test_only_the_later_row_of_a_duplicate_is_reported() -> None:
    reading = read(head(), head(no="002"))
    assert codes(reading) == [("duplicate-in-file", "F5")]
    assert reading.problems[0].first == ("石桥村", 4)


def test_all_rows_of_a_sheet_of_an_unknown_village_are_invalid() -> None:
    reading = read(head(), sheet="胜利大队")
    assert [as_answer(problem) for problem in reading.problems] == [
        {
            "sheet": "胜利大队",
            "row": 1,
            "column": "工作表名",
            "cell": None,
            "field": "sheet_name",
            "code": "village-unknown",
        }
    ]
    assert (reading.persons_valid, reading.valid_households) == (0, ())


def test_ages_are_taken_from_the_birth_column_where_the_number_is_not_good() -> None:
    reading = read(head(id="", birth="1950.1.1", category="老年人"))
    assert codes(reading) == [("id-missing", "F4")]
    assert reading.households[0].persons[0].born == date(1950, 1, 1)


def test_unknown_categories_are_reported_once_and_the_others_kept() -> None:
    reading = read(head(category="光荣户，军属/低保、低保"))
    assert codes(reading) == [("category-unknown", "L4")]
    assert reading.households[0].declared == ("hardship",)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["村", "户数", "人数"], ["石桥村", 3]], "header-unknown"),
        ([[TITLE], *[row[:5] + row[6:] for row in HEADER], head()], "header-unknown"),
        ([["红旗镇2026年生育关怀家庭调查表"], *HEADER, head()], "township-unknown"),
        ([*HEADER, head()], "township-unknown"),
    ],
)
def test_a_workbook_that_is_not_this_countys_survey_is_refused(rows: list[list[Any]], code: str) -> None:
    book = open_workbook(xlsx(石桥村=rows))
    with pytest.raises(WorkbookRefused) as refused:
        read_survey(book, county=County("990101", "禾源县"), villages_of=townships)
    assert refused.value.code == code
    assert refused.value.remedy.zh
    assert refused.value.remedy.en


@pytest.mark.parametrize("cell", ["C5", "L5", "R5"])
def test_a_computed_field_refuses_the_workbook_and_names_its_cell(cell: str) -> None:
    book = open_workbook(with_formula(xlsx(石桥村=[[TITLE], *HEADER, head(), head(no="2")]), "石桥村", cell))
    with pytest.raises(FormulaFound) as refused:
        read_survey(book, county=County("990101", "禾源县"), villages_of=townships)
    assert refused.value.code == "workbook-formulas"
    assert (refused.value.problem.sheet, refused.value.problem.row, refused.value.problem.cell) == (
        "石桥村",
        5,
        cell,
    )


@pytest.mark.parametrize("cell", ["C6", "W5"])
def test_a_computed_total_or_remark_is_nobodys_field(cell: str) -> None:
    rows = [[TITLE], *HEADER, head(), head(no="2"), ["合计", "2户"]]
    book = open_workbook(with_formula(xlsx(石桥村=rows), "石桥村", cell))
    reading = read_survey(book, county=County("990101", "禾源县"), villages_of=townships)
    assert reading.rows_read == 2


def test_the_work_of_reading_grows_with_the_rows_and_no_faster() -> None:
    def work_of(count: int) -> float:
        rows = [head(no=f"{n}", phone=13800000000.0 + n, hukou="本村", category="计生户") for n in range(count)]
        began = time.process_time()
        assert read(*rows).rows_read == count
        return time.process_time() - began

    work_of(500)
    assert work_of(10_000) < 12 * work_of(2_000)


def test_control_a_reader_that_forgets_a_heading_does_not_match_the_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from services.households.workbook import words

    survey = SURVEYS["survey"]
    monkeypatch.delitem(words.FIELD_OF, "外出务工/起始")
    found = [as_household(one) for one in reading_of(survey).valid_households]
    assert found != survey.answers["valid_households"]
