"""What opens, what is refused, and that nothing in a workbook is ever run."""

import io
import struct
import tracemalloc
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from chassis.workbook import Merge, Row, WorkbookRefused, cell_name, open_workbook
from chassis.workbook_guard import MAX_FILE_BYTES, OLE_MAGIC
from tests.support.workbooks import with_part, xlsx

SHEET_PART = "xl/worksheets/sheet1.xml"
SMALL = xlsx(村=[["名", 1.0], ["二", date(2026, 4, 15)]])


def code_of(data: bytes) -> str:
    with pytest.raises(WorkbookRefused) as refused:
        open_workbook(data)
    assert refused.value.remedy.zh
    assert refused.value.remedy.en
    assert refused.value.refusal.status == 422
    return refused.value.code


def with_cells(cells: bytes) -> bytes:
    def change(part: bytes) -> bytes:
        start, end = part.index(b"<sheetData>"), part.index(b"</sheetData>")
        return part[:start] + b"<sheetData>" + cells + part[end:]

    return with_part(SMALL, SHEET_PART, change)


def test_rows_keep_the_numbers_that_the_spreadsheet_shows() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet("表").write("C4", "x")
    rows = list(open_workbook(file.getvalue()).sheets[0].rows())
    assert rows[3] == Row(4, ["", "", "x"])
    assert all(cell == "" for row in rows[:3] for cell in row.cells)


def test_date_cells_are_dates_and_numbers_are_numbers() -> None:
    assert [row.cells for row in open_workbook(SMALL).sheets[0].rows()] == [
        ["名", 1.0],
        ["二", date(2026, 4, 15)],
    ]


def test_merged_ranges_are_counted_from_one() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("表")
        sheet.merge_range("B2:C3", "x")
        sheet.merge_range("A1:C1", "title")
    assert open_workbook(file.getvalue()).sheets[0].merges() == (Merge(1, 1, 1, 3), Merge(2, 2, 3, 3))


def test_a_formula_is_the_value_that_was_saved_with_it_and_is_never_computed() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("表")
        sheet.write_formula("A1", "=1+1", value=7)
        sheet.write_url("A2", "https://example.invalid/", string="a link")
        sheet.write_string("A3", "=cmd|' /C calc'!A0")
    cells = [row.cells[0] for row in open_workbook(file.getvalue()).sheets[0].rows()]
    assert cells == [7.0, "a link", "=cmd|' /C calc'!A0"]


def test_a_formula_that_was_saved_without_a_value_is_empty() -> None:
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.create_sheet("表", 0)
    sheet["A1"], sheet["B1"] = "=1+1", "x"
    book.save(file)
    assert next(open_workbook(file.getvalue()).sheets[0].rows()).cells == ["", "x"]


def test_a_sheet_knows_which_of_its_cells_are_computed_and_drop_down_lists_are_none() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet("填表说明").write("A1", "x")
        sheet = book.add_worksheet("村 & 社区")
        sheet.write_row("A1", ["x", "y"])
        sheet.write_formula("AA7", "=1+1", value=2)
        sheet.write_array_formula("C2:C3", "{=A1:A2}")
        sheet.data_validation("B2", {"validate": "list", "source": "=$A$1:$A$2"})
    dropped = b"</sheetData><extLst><xm:f>A1</xm:f></extLst>"
    data = with_part(file.getvalue(), "xl/worksheets/sheet2.xml", lambda xml: xml.replace(b"</sheetData>", dropped))
    assert [sheet.formulas for sheet in open_workbook(data).sheets] == [frozenset(), {(7, 27), (2, 3)}]


def test_a_file_opens_from_its_path(tmp_path: Path) -> None:
    path = tmp_path / "survey.xlsx"
    path.write_bytes(SMALL)
    assert [sheet.name for sheet in open_workbook(path).sheets] == ["村"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "workbook-empty"),
        (b"name,number\n", "workbook-not-xlsx"),
        (b"%PDF-1.7", "workbook-not-xlsx"),
        (xlsx(空=[]), "workbook-empty"),
        (OLE_MAGIC + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "workbook-encrypted"),
        (OLE_MAGIC + b"\0" * 600 + "Workbook".encode("utf-16-le"), "workbook-not-xlsx"),
        (SMALL[: len(SMALL) // 2], "workbook-damaged"),
        (b"PK\x03\x04 and nothing more", "workbook-damaged"),
        (b"PK" + b"\0" * 50 * 1024 * 1024, "workbook-too-large"),
    ],
)
def test_what_is_no_readable_workbook_is_refused_with_one_code(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    assert code_of(file.getvalue()) == "workbook-not-xlsx"


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.xlsx"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(WorkbookRefused, match="workbook-too-large"):
        open_workbook(path)


def test_a_small_file_that_unpacks_to_hundreds_of_megabytes_is_refused() -> None:
    bomb = with_part(SMALL, SHEET_PART, lambda part: part + b" " * 200 * 1024 * 1024)
    assert len(bomb) < 1024 * 1024
    assert code_of(bomb) == "workbook-too-large"


def test_a_part_that_lies_about_its_size_is_refused() -> None:
    data = bytearray(with_part(SMALL, SHEET_PART, lambda part: part + b" " * 100_000))
    at = data.index(SHEET_PART.encode(), data.index(b"PK\x01\x02")) - 46
    struct.pack_into("<I", data, at + 24, 100)
    assert code_of(bytes(data)) == "workbook-damaged"


@pytest.mark.parametrize(
    "cells",
    [
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b"<row r='1'><c r = 'A1'><v>1</v></c><c r='ZZZ1'><v>1</v></c></row>",
        b'<row r="1"><c r="A1"><v>1</v></c><c s=">" r="XFD1048576"><v>1</v></c></row>',
        b'<row r="1"><x:c r="A1"><v>1</v></x:c><x:c r="B900000"><v>1</v></x:c></row>',
    ],
)
def test_one_cell_far_away_is_refused_before_a_sheet_is_laid_out(cells: bytes) -> None:
    assert code_of(with_cells(cells)) == "workbook-too-large"


@pytest.mark.parametrize(
    "cells",
    [
        b'<row r="1"><c><v>1</v></c></row>',
        b'<row r="1"><c r="A1"><v>1</v></c><c s=1 r="XFD1048576"><v>1</v></c></row>',
        b'<row r="1"><c r="A99999999"><v>1</v></c></row>',
    ],
)
def test_a_cell_whose_place_cannot_be_told_is_refused(cells: bytes) -> None:
    assert code_of(with_cells(cells)) == "workbook-damaged"


def test_a_formatted_but_empty_cell_far_away_does_no_harm() -> None:
    cells = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="0" /></row>'
    assert [row.cells for row in open_workbook(with_cells(cells)).sheets[0].rows()] == [[1.0]]


def test_the_refusal_holds_nothing_of_the_file() -> None:
    with pytest.raises(WorkbookRefused) as refused:
        open_workbook("王小明 990101198001019990".encode())
    assert "王小明" not in repr(refused.value.refusal.wire())


def test_cells_are_named_as_the_spreadsheet_names_them() -> None:
    assert [cell_name(34, 8), cell_name(1, 26), cell_name(1, 27), cell_name(9, 703)] == [
        "H34",
        "Z1",
        "AA1",
        "AAA9",
    ]


ONE = b'<row r="1"><c r="A1" t="s"><v>0</v></c></row>'


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="A2" r="ZZ900000"><v>1</v></c>',
        b"""<c cm=" r='A2'" r="ZZ900000"><v>1</v></c>""",
        b"""<c r="A2" cm=" r='A3'"><v>1</v></c>""",
    ],
)
def test_a_cell_that_says_twice_where_it_stands_never_reaches_the_reader(cell: bytes) -> None:
    """The reader would believe the far one, lay out twenty gigabytes, and take the process with it."""
    assert code_of(with_cells(ONE + b'<row r="2">' + cell + b"</row>")) == "workbook-damaged"


def with_shared_text(length: int, cells: int, value: bytes = b"0") -> bytes:
    """A workbook whose first shared text is this long and stands in that many cells."""
    text = b"<sst><si><t>" + b"a" * length + b"</t></si></sst>"
    rows = b"".join(
        b'<row r="%d"><c r="A%d" t="s"><v>%b</v></c></row>' % (n, n, value) for n in range(1, cells + 1)
    )
    return with_part(with_cells(rows), "xl/sharedStrings.xml", lambda _: text)


@pytest.mark.parametrize("value", [b"0", b" 0 ", b"&#48;"])
def test_a_long_text_that_many_cells_share_is_too_large(value: bytes) -> None:
    """A file of a few kilobytes would become gigabytes: the reader copies the text into each of the cells."""
    assert code_of(with_shared_text(100_000, 2_000, value)) == "workbook-too-large"


def test_a_text_that_many_cells_share_is_read_in_each_of_them() -> None:
    """The control arm: it is the sum that is too large, not the sharing."""
    (sheet,) = open_workbook(with_shared_text(1_000, 2_000)).sheets
    assert [len(str(row.cells[0])) for row in sheet.rows()] == [1_000] * 2_000


def test_a_value_that_hides_behind_a_comment_is_damaged() -> None:
    assert code_of(with_shared_text(10, 1, b"<!-- -->0")) == "workbook-damaged"


def test_an_empty_value_is_no_damage() -> None:
    (sheet,) = open_workbook(with_cells(ONE + b'<row r="2"><c r="A2" t="str"><v/></c></row>')).sheets
    assert next(sheet.rows()).cells == ["名"]


def test_a_tag_of_a_million_attributes_costs_no_memory_to_refuse() -> None:
    bomb = with_cells(b'<row r="1"><c ' + b'a="1" ' * 1_000_000 + b"></row>" + ONE)
    tracemalloc.start()
    assert code_of(bomb) == "workbook-damaged"
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 * 1024 * 1024


def test_one_sheet_under_a_thousand_names_is_damaged() -> None:
    """It would be read a thousand times."""

    def again(part: bytes) -> bytes:
        start = part.index(b"<sheet ")
        end = part.index(b"/>", start) + 2
        more = (part[start:end].replace("村".encode(), b"s%d" % number) for number in range(1_000))
        return part[:end] + b"".join(more) + part[end:]

    assert code_of(with_part(SMALL, "xl/workbook.xml", again)) == "workbook-damaged"
