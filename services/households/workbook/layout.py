"""Finds the table on a sheet: its title, its two-row header, the rows that are people."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from chassis.normalise import Cell, squeeze, text_of
from chassis.workbook import Fix, Row, Sheet, WorkbookRefused
from chassis.workbook_table import Column, TableRow, refuse_formulas
from services.households.workbook.problems import WHOLE_FIXES
from services.households.workbook.words import (
    FIELD_OF,
    FILLED_IN_BY,
    REQUIRED,
    SIGNATURE,
    TITLE,
    TOTALS,
)

LOOKS_LIKE_A_HEADER = 4
END = Row(0, [])


@dataclass(slots=True)
class Table:
    """The table of one sheet: township of its title, row of its first header, and its people."""

    township: str | None
    header_row: int
    people: list[TableRow]


def find_table(sheet: Sheet) -> Table | None:
    """The sheet's table, or None if it has none.

    Raises `WorkbookRefused`: `header-unknown` for half a header, `workbook-formulas` for a computed field.
    """
    township: str | None = None
    table: Table | None = None
    columns: Mapping[str, Column] = {}
    skip = 0
    for row, below in pairwise((*sheet.rows(), END)):
        if row.number == skip:
            continue
        if found := columns_of(row.cells, below.cells, sheet.name):
            columns, two_rows = found
            skip = below.number if two_rows else 0
            table = table or Table(township, row.number, [])
            continue
        first = _first_filled(row.cells)
        if table is None:
            township = township or _township_in(first)
            continue
        if SIGNATURE in first:
            break
        if first not in TOTALS:
            refuse_formulas(sheet, row, columns)
        if _is_person(first, row, columns):
            table.people.append(TableRow(row.number, row.cells, columns))
    return table


def columns_of(top: list[Cell], below: list[Cell], sheet_name: str) -> tuple[Mapping[str, Column], bool] | None:
    """The columns if `top` is a header, and whether `below` is its second row; None if it is none."""
    upper = [squeeze(cell) if cell and isinstance(cell, str) else "" for cell in top]
    if sum(heading in FIELD_OF for heading in upper) < LOOKS_LIKE_A_HEADER:
        return None
    grouped = _columns(_joined(upper, [text if isinstance(text, str) else "" for text in below]))
    single = _columns(upper)
    columns = grouped if len(grouped) > len(single) else single
    if not columns.keys() >= REQUIRED:
        raise WorkbookRefused("header-unknown", _missing(sheet_name, REQUIRED - columns.keys()))
    return columns, columns is grouped


def header_unknown() -> WorkbookRefused:
    """No sheet holds the survey's table."""
    return WorkbookRefused("header-unknown", WHOLE_FIXES["header-unknown"])


def _joined(upper: list[str], below: list[str]) -> list[str]:
    """Headings of a two-row header; a group's name stands over its first column only, merged or not."""
    lower = [squeeze(text) for text in below] + [""] * (len(upper) - len(below))
    headings, group = [], ""
    for over, under in zip(upper, lower, strict=False):
        group = over or group
        headings.append(f"{group}/{under}" if under else over)
    return headings


def _columns(headings: list[str]) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    for index, heading in enumerate(headings):
        if field := FIELD_OF.get(heading):
            columns.setdefault(field, Column(index, heading))
    return columns


def _missing(sheet_name: str, fields: frozenset[str]) -> Fix:
    headings = sorted(next(h for h, field in FIELD_OF.items() if field == missing) for missing in fields)
    return Fix(
        f"工作表“{sheet_name}”的表头缺少：{'、'.join(headings)}。请补上后重新上传。",
        f"The header of sheet “{sheet_name}” lacks {', '.join(headings)}: add it and upload again.",
    )


def _first_filled(cells: list[Cell]) -> str:
    return next((text for cell in cells if cell != "" and (text := text_of(cell))), "")


def _township_in(text: str) -> str | None:
    found = re.fullmatch(TITLE, text)
    return found.group(1) if found else None


def _is_person(first: str, row: Row, columns: Mapping[str, Column]) -> bool:
    if not first or first in TOTALS or first.startswith(FILLED_IN_BY) or _township_in(first):
        return False
    return any(column.at < len(row.cells) and text_of(row.cells[column.at]) for column in columns.values())
