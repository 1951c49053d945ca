"""Opens a spreadsheet that a person uploaded, as rows of plain cells, and never runs anything in it.

A formula cell is read as the value that the program which saved it had computed; a formula without one, and an
error value, is empty: whoever reads a table asks `Sheet.formulas` whether a cell can be relied on. Links are their text. Macros are not looked at. Nothing is evaluated or fetched.
"""

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from chassis.normalise import Cell
from chassis.workbook_formulas import Place, formulas_in
from chassis.workbook_guard import MAX_FILE_BYTES, Fix, WorkbookRefused, guard

__all__ = ["Cell", "Fix", "Merge", "Row", "Sheet", "Workbook", "WorkbookRefused", "cell_name", "open_workbook"]


class Row(NamedTuple):
    """One row: its number as the spreadsheet shows it, and its cells from column A on ('' is empty)."""

    number: int
    cells: list[Cell]


class Merge(NamedTuple):
    """A merged range, rows and columns counted from 1, ends included. Its value stands in the first cell."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


class Sheet:
    """One sheet, loaded when its rows are asked for and let go afterwards."""

    def __init__(self, book: CalamineWorkbook, name: str, formulas: frozenset[Place]) -> None:
        self.name = name
        self.formulas = formulas
        self._book = book

    def rows(self) -> Iterator[Row]:
        """All rows from row 1 to the last filled one, in order. Raises `WorkbookRefused` (`workbook-damaged`)."""
        sheet = self._load()
        if sheet.start is None:
            return
        margin: list[Cell] = [""] * sheet.start[1]
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            yield Row(number, margin + cells)

    def merges(self) -> tuple[Merge, ...]:
        """The merged ranges, from top to bottom. Raises `WorkbookRefused` (`workbook-damaged`)."""
        ranges = self._load().merged_cell_ranges or []
        return tuple(sorted(Merge(top + 1, left + 1, end + 1, right + 1) for (top, left), (end, right) in ranges))

    def _load(self) -> CalamineSheet:
        try:
            return self._book.get_sheet_by_name(self.name)
        except CalamineError as broken:
            raise WorkbookRefused("workbook-damaged") from broken


class Workbook:
    """An opened workbook: its sheets in order, hidden ones included, charts left out."""

    def __init__(self, book: CalamineWorkbook, formulas: Mapping[str, frozenset[Place]]) -> None:
        self.sheets = tuple(
            Sheet(book, sheet.name, formulas.get(sheet.name, frozenset()))
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet
        )


def open_workbook(source: bytes | Path) -> Workbook:
    """Open an .xlsx from its bytes or from a file.

    Raises `WorkbookRefused` with `workbook-not-xlsx`, `workbook-empty`, `workbook-encrypted`,
    `workbook-too-large` or `workbook-damaged`.
    """
    data = source if isinstance(source, bytes) else _read(source)
    held = guard(data)
    try:
        book = Workbook(CalamineWorkbook.from_filelike(io.BytesIO(data)), formulas_in(data))
    except PasswordError as locked:
        raise WorkbookRefused("workbook-encrypted") from locked
    except CalamineError as broken:
        raise WorkbookRefused("workbook-damaged") from broken
    if len(book.sheets) > held:  # one part under many names would be read as often
        raise WorkbookRefused("workbook-damaged")
    return book


def cell_name(row: int, column: int) -> str:
    """The name of a cell, such as `H34`, from its row and column counted from 1."""
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row}"


def _read(path: Path) -> bytes:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise WorkbookRefused("workbook-too-large")
    return path.read_bytes()
