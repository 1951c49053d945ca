"""The helper register's reader against known answers, and its own edges."""

from typing import Any

import pytest

from chassis.workbook import WorkbookRefused, open_workbook
from chassis.workbook_table import FormulaFound
from services.pairing.workbook import FIXES, HelperReading, ProblemCode, VillagePlace, read_helpers
from tests.support.workbooks import Known, known_registers, with_formula, xlsx

REGISTERS = known_registers()
HEADINGS = [
    "编号",
    "姓名",
    "性别",
    "身份证号",
    "类型",
    "所属单位",
    "所在村",
    "联系电话",
    "可结对户数",
    "可服务时间",
    "特长",
    "方言",
    "未成年人从业查询日期",
    "接替人编号",
    "备注",
]
PLACES = {
    "石桥村": [VillagePlace("990101101202", "青石镇")],
    "新丰村": [VillagePlace("990101101203", "青石镇"), VillagePlace("990101103202", "白鹭乡")],
}
ROW = dict(
    zip(
        HEADINGS,
        [
            "K1",
            "王一",
            "女",
            "990101198001019991",
            "邻里",
            "青石镇商会",
            "石桥村",
            "",
            2.0,
            "周末",
            "电工、陪护",
            "朝鲜语",
            "",
            "",
            "",
        ],
        strict=True,
    )
)


def read(*rows: dict[str, Any]) -> HelperReading:
    table: list[list[Any]] = [
        ["登记表"],
        HEADINGS,
        *[[(ROW | row)[heading] for heading in HEADINGS] for row in rows],
    ]
    return read_helpers(open_workbook(xlsx(登记=table)), villages_named=lambda name: PLACES.get(name, []))


def codes(reading: HelperReading) -> list[str]:
    return [problem.code for problem in reading.problems]


@pytest.fixture(params=sorted(REGISTERS))
def register(request: pytest.FixtureRequest) -> Known:
    return REGISTERS[request.param]


def test_a_known_register_is_read_exactly(register: Known) -> None:
    reading = read_helpers(open_workbook(register.workbook), villages_named=register.villages_named)
    assert {
        "problems": [
            {"sheet": p.sheet, "row": p.row, "column": p.column, "code": p.code} for p in reading.problems
        ],
        "valid": len(reading.helpers),
        "slots": reading.slots,
        "helpers": [
            {
                "number": helper.number,
                "name": helper.name,
                "kind": helper.kind,
                "village_code": helper.village_code,
                "capacity": helper.capacity,
                "cleared_on": helper.cleared_on.isoformat() if helper.cleared_on else None,
                "successor": helper.successor,
            }
            for helper in reading.helpers
        ],
    } == register.answers


def test_the_sample_holds_every_reason_code() -> None:
    assert {problem["code"] for problem in REGISTERS["helpers"].answers["problems"]} == set(ProblemCode)


def test_every_code_says_what_to_do_in_both_languages() -> None:
    assert set(FIXES) == set(ProblemCode)
    assert all(fix.zh and fix.en for fix in FIXES.values())


def test_the_other_columns_are_read_too_and_remarks_are_dropped() -> None:
    helper = read({"备注": "酗酒", "联系电话": "138-0000-0001"}).helpers[0]
    assert (helper.sex, helper.phone, helper.availability) == ("female", "13800000001", "周末")
    assert (helper.skills, helper.languages, helper.unit) == (("电工", "陪护"), ("朝鲜语",), "青石镇商会")
    assert not any("酗酒" in str(getattr(helper, name)) for name in helper.__slots__)
    assert "王一" not in repr(helper)


def test_a_name_that_two_townships_share_is_told_apart_by_the_units_township() -> None:
    assert read({"所在村": "新丰村"}).helpers[0].village_code == "990101101203"
    assert read({"所在村": "新丰村", "所属单位": "白鹭乡人民政府"}).helpers[0].village_code == "990101103202"
    assert codes(read({"所在村": "新丰村", "所属单位": "县医院"})) == ["village-ambiguous"]


@pytest.mark.parametrize("capacity", [0.0, -1.0, 1.5, "两户", "", "1.0户"])
def test_a_capacity_that_is_not_one_or_more_is_refused(capacity: Any) -> None:
    assert codes(read({"可结对户数": capacity})) == ["capacity-invalid"]


def test_an_unreadable_clearance_never_becomes_one() -> None:
    reading = read({"未成年人从业查询日期": "2026-02-30"})
    assert codes(reading) == ["date-invalid"]
    assert reading.helpers == ()


def test_the_later_row_of_a_duplicate_is_reported_with_the_earlier_one() -> None:
    reading = read({}, {"编号": "K2"})
    assert [(p.code, p.row, p.first) for p in reading.problems] == [("duplicate-in-file", 4, ("登记", 3))]
    assert [helper.number for helper in reading.helpers] == ["K1"]


def test_a_workbook_without_the_register_is_refused() -> None:
    with pytest.raises(WorkbookRefused) as refused:
        read_helpers(open_workbook(xlsx(表=[["编号", "姓名"], ["1", "王一"]])), villages_named=lambda name: [])
    assert refused.value.code == "header-unknown"


def test_a_computed_field_refuses_the_register_and_names_its_cell() -> None:
    rows = [["登记表"], HEADINGS, [ROW.get(heading, "") for heading in HEADINGS]]
    for cell, refuses in {"I3": True, "O3": False}.items():
        book = open_workbook(with_formula(xlsx(登记=rows), "登记", cell))
        if not refuses:
            assert read_helpers(book, villages_named=lambda name: PLACES.get(name, [])).rows_read == 1
            continue
        with pytest.raises(FormulaFound) as refused:
            read_helpers(book, villages_named=lambda name: PLACES.get(name, []))
        assert (refused.value.code, refused.value.problem.cell) == ("workbook-formulas", cell)
