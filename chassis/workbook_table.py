"""A table on a sheet: its columns by field, its rows, and what is wrong where."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from chassis.normalise import Cell, text_of
from chassis.workbook import Fix, Row, Sheet, WorkbookRefused, cell_name
from chassis.workbook_guard import REMEDIES

FORMULAS = "workbook-formulas"


class RowPlace(NamedTuple):
    """A row of the workbook: the sheet's name as written, and the row number as the spreadsheet shows it."""

    sheet: str
    row: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct: where it stands, its code and what to do, never what the cell says.

    `column` is the heading without spaces; `cell` is None for a whole sheet; `first` names the earlier row of a
    duplicate.
    """

    sheet: str
    row: int
    column: str
    cell: str | None
    field: str
    code: str
    fix: Fix
    first: RowPlace | None = None


class Column(NamedTuple):
    """Where a field stands, counted from 0, and its heading without spaces."""

    at: int
    heading: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table, with the columns that its header gave it."""

    number: int
    cells: list[Cell]
    columns: Mapping[str, Column]

    def cell(self, field: str) -> Cell:
        """The cell of a field; '' where the sheet has no such column."""
        column = self.columns.get(field)
        return "" if column is None or column.at >= len(self.cells) else self.cells[column.at]

    def text(self, field: str) -> str:
        """The field's text without spaces; '' if it is empty."""
        cell = self.cell(field)
        return text_of(cell) if cell != "" else ""


class FormulaFound(WorkbookRefused):
    """A field is computed: the value saved with it may be stale or missing. `problem` names the first such cell."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(FORMULAS)
        self.problem = problem


def refuse_formulas(sheet: Sheet, row: Row, columns: Mapping[str, Column]) -> None:
    """Raise `FormulaFound` if a field of this row is computed; other cells and rows may hold what they like."""
    for field, column in columns.items():
        if (row.number, column.at + 1) in sheet.formulas:
            cell = cell_name(row.number, column.at + 1)
            raise FormulaFound(
                Problem(sheet.name, row.number, column.heading, cell, field, FORMULAS, REMEDIES[FORMULAS])
            )


class ProblemList:
    """Collects the problems of one sheet, and with them which of its rows are invalid."""

    def __init__(self, sheet: str, fixes: Mapping[str, Fix]) -> None:
        self.sheet = sheet
        self.invalid_rows: set[int] = set()
        self._fixes = fixes
        self._found: list[tuple[int, int, Problem]] = []

    def report(self, row: TableRow, field: str, code: str, first: RowPlace | None = None) -> None:
        """Note a problem in the row's cell of a field; the row is invalid then."""
        at, heading = row.columns[field]
        cell = cell_name(row.number, at + 1)
        problem = Problem(self.sheet, row.number, heading, cell, field, code, self._fixes[code], first)
        self._found.append((row.number, at, problem))
        self.invalid_rows.add(row.number)

    def report_sheet(self, column: str, field: str, code: str) -> None:
        """Note a problem of the sheet itself, at its first row; no row is invalid by that alone."""
        self._found.append((1, -1, Problem(self.sheet, 1, column, None, field, code, self._fixes[code])))

    def in_order(self) -> tuple[Problem, ...]:
        """The problems by row, then column."""
        return tuple(problem for _, _, problem in sorted(self._found, key=lambda found: found[:2]))
