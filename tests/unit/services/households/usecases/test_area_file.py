"""The list of areas is read whole, or every row that is wrong is named with what to do."""

from collections.abc import Mapping
from typing import Any

import pytest

from contracts.area import AreaLevel, AreaScope
from contracts.refusals import Refused
from kith.sample import AREAS
from services.households.store import AreaRow
from services.households.usecases.area_file import FIXES, MAX_BYTES, read_areas

COUNTY = AreaScope("990101")
HEADER = "code,name,level,parent_code"
ROWS = [
    "990101,禾源县,county,",
    "990101101,青石镇,township,990101",
    "990101101201,青石社区,village,990101101",
]


def read(*rows: str, header: str = HEADER, known: Mapping[str, AreaRow] | None = None) -> list[AreaRow]:
    return read_areas("\n".join((header, *rows)).encode(), COUNTY, known or {})


def refusal(*rows: str, **more: Any) -> dict[str, Any]:
    with pytest.raises(Refused) as caught:
        read(*rows, **more)
    assert caught.value.refusal.status == 422
    return {"code": caught.value.refusal.code, **caught.value.refusal.more}


def test_the_sample_is_read_in_the_files_order() -> None:
    areas = read_areas(AREAS.read_bytes(), COUNTY, {})
    assert areas[0] == AreaRow("990101", "禾源县", AreaLevel.COUNTY, None)
    assert len(areas) == 16


def test_the_last_column_may_be_called_parent_too() -> None:
    renamed = AREAS.read_text().replace("parent_code", "parent", 1).encode()
    assert read_areas(renamed, COUNTY, {}) == read_areas(AREAS.read_bytes(), COUNTY, {})


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("990101102", "columns-wrong"),
        ("990101102,柳湾镇,township,990101,more", "columns-wrong"),
        ("990101101,青石镇,township,990101", "code-twice"),
        ("990101102,,township,990101", "name-empty"),
        ("990101102,柳\x00湾,township,990101", "name-invalid"),
        ("990101102,=1+1,township,990101", "name-invalid"),
        ("990101102,@柳湾,township,990101", "name-invalid"),
        ("990101102,柳\u202e湾,township,990101", "name-invalid"),
        ("990101102,柳\u2028湾,township,990101", "name-invalid"),
        ("990101102,柳湾镇,village,990101", "level-mismatch"),
        ("99010110,柳湾镇,township,990101", "level-mismatch"),
        ("99010110２,柳湾镇,township,990101", "level-mismatch"),
        ("990101102,柳湾镇,hamlet,990101", "level-mismatch"),
        ("990102101,别处镇,township,990102", "code-outside-county"),
        ("990101102201,河东村,village,990101102", "parent-unknown"),
        ("990101102,柳湾镇,township,", "parent-unknown"),
        ("990101102,柳湾镇,township,990101101", "parent-mismatch"),
        ("990101101202,石桥村,village,990101", "parent-mismatch"),
    ],
)
def test_a_wrong_row_is_named_with_its_number_and_what_to_do(row: str, problem: str) -> None:
    told = refusal(*ROWS, row)
    assert told["code"] == "areas-invalid"
    (named,) = told["problems"]
    assert (named["row"], named["problem"]) == (5, problem)
    assert named["fix_en"] == FIXES[problem][0] and named["fix_zh"]


def test_areas_that_are_each_others_parents_are_a_cycle() -> None:
    told = refusal(ROWS[0], "990101101,甲,township,990101102", "990101102,乙,township,990101101")
    assert [named["problem"] for named in told["problems"]] == ["parent-cycle", "parent-cycle"]


def test_an_area_that_is_its_own_parent_is_a_cycle() -> None:
    told = refusal(ROWS[0], "990101101,甲,township,990101101")
    assert [named["problem"] for named in told["problems"]] == ["parent-cycle"]


def test_a_parent_that_is_registered_already_need_not_stand_in_the_file() -> None:
    known = {row.code: row for row in read(*ROWS)}
    assert read("990101101202,石桥村,village,990101101", known=known)[0].code == "990101101202"


def test_an_import_renames_nothing() -> None:
    known = {row.code: row for row in read(*ROWS)}
    told = refusal("990101101,青石乡,township,990101", known=known)
    assert [named["problem"] for named in told["problems"]] == ["already-different"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "header-wrong"),
        (b"code,name,level\n", "header-wrong"),
        (f"{HEADER}\n".encode(), "empty"),
        (f"{HEADER}\n990101,\u79be\u6e90\u53bf,county,".encode("gb18030"), "not-csv"),
        (f'{HEADER}\n"990101,x'.encode(), "not-csv"),
        (b"PK\x03\x04\xff\xfe", "not-csv"),
        (b"x" * (MAX_BYTES + 1), "too-large"),
    ],
)
def test_what_is_no_list_of_areas_is_refused_as_a_whole(data: bytes, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        read_areas(data, COUNTY, {})
    assert (caught.value.refusal.code, caught.value.refusal.more["reason"]) == ("areas-unreadable", reason)


def test_what_stands_in_a_wrong_cell_is_never_repeated() -> None:
    told = refusal(*ROWS, "张三丰,220283198001019991,village,x")
    assert "张三丰" not in str(told) and "220283198001019991" not in str(told)


def test_many_wrong_rows_are_counted_and_some_are_listed() -> None:
    told = refusal(*(f"{n}," for n in range(500)))
    assert (told["problems_total"], len(told["problems"])) == (500, 200)
