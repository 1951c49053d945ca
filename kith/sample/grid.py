"""A sheet in the making: cells and merged ranges, written out at the end, the same bytes every time."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.utility import xl_rowcol_to_cell  # type: ignore[import-untyped]

from kith.sample.spelling import CellValue

MADE_ON = datetime(2026, 3, 1)  # noqa: DTZ001 - a fixed mark in the file's properties


class Grid:
    """One sheet: rows and columns counted from 0."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.cells: dict[tuple[int, int], CellValue] = {}
        self.merges: list[tuple[int, int, int, int]] = []

    def put(self, row: int, column: int, value: CellValue) -> None:
        """Fill a cell; an empty value leaves it empty."""
        if value != "":
            self.cells[row, column] = value

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        """Merge a range; a single cell stays as it is."""
        if (top, left) != (bottom, right):
            self.merges.append((top, left, bottom, right))


def place(row: int, column: int) -> str:
    """A cell's name, such as H34, from its row and column counted from 0."""
    return str(xl_rowcol_to_cell(row, column))


def save(path: Path, grids: list[Grid]) -> None:
    """Write the sheets as one workbook."""
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": MADE_ON, "title": "Kith sample: nobody in it exists"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        plain = book.add_format()
        for grid in grids:
            _write(book.add_worksheet(grid.name), grid, day, plain)


def _write(sheet: Any, grid: Grid, day: Any, plain: Any) -> None:
    for top, left, bottom, right in grid.merges:
        sheet.merge_range(top, left, bottom, right, "", plain)
    for (row, column), value in sorted(grid.cells.items()):
        if isinstance(value, date):
            sheet.write_datetime(row, column, value, day)
        elif isinstance(value, str):
            sheet.write_string(row, column, value)
        else:
            sheet.write_number(row, column, value)
