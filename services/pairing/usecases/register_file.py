"""An uploaded helper register, read with the county's villages and held to the officer's area."""

import re
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from chassis.files import FileMissing, Files
from chassis.workbook import Fix, Workbook, WorkbookRefused, open_workbook
from chassis.workbook_table import FormulaFound, Problem, ProblemList
from contracts.area import AreaScope
from services.pairing.workbook import HelperReading, HelperRow, VillagesNamed, read_helpers
from services.pairing.workbook.layout import find_table

NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
NUMBER_INVALID, VILLAGE_OUTSIDE = "number-invalid", "village-outside"
FIXES = {
    NUMBER_INVALID: Fix(
        "编号只能用字母、数字和 _ . : - ，且以字母或数字开头。",
        "A number consists of letters, digits and _ . : - and begins with a letter or digit.",
    ),
    VILLAGE_OUTSIDE: Fix(
        "该村不在您的辖区：请由所属乡镇或县级登记。",
        "This village lies outside your area: have its township or the county register the helper.",
    ),
}
FIELDS = {NUMBER_INVALID: "number", VILLAGE_OUTSIDE: "village"}


class NotReadable(Exception):
    """The file as a whole cannot be taken in; the message is a code, `problem` the place if it can be told."""

    def __init__(self, code: str, problem: Problem | None = None) -> None:
        super().__init__(code)
        self.problem = problem


def read_register(files: Files, file_id: UUID, villages: VillagesNamed, *, within: AreaScope) -> HelperReading:
    """What the uploaded file says; rows that this officer may not register are problems. NotReadable if it is no register."""
    try:
        workbook = open_workbook(files.read(file_id))
        reading = read_helpers(workbook, villages_named=villages)
    except FormulaFound as found_one:
        raise NotReadable(found_one.code, found_one.problem) from found_one
    except WorkbookRefused as refused:
        raise NotReadable(refused.refusal.code) from refused
    except FileMissing as missing:
        raise NotReadable("file-missing") from missing
    wrong = {row.number: code for row in reading.helpers if (code := _wrong(row, within))}
    if not wrong:
        return reading
    order = [sheet.name for sheet in workbook.sheets]
    problems = sorted((*reading.problems, *_problems(workbook, wrong)), key=lambda p: (order.index(p.sheet), p.row))
    left = tuple(row for row in reading.helpers if row.number not in wrong)
    return replace(reading, helpers=left, problems=tuple(problems))


def _wrong(row: HelperRow, within: AreaScope) -> str | None:
    if not NUMBER.fullmatch(row.number):
        return NUMBER_INVALID  # events carry it as a code
    return None if within.covers(row.village_code) else VILLAGE_OUTSIDE


def _problems(workbook: Workbook, wrong: dict[str, str]) -> Iterator[Problem]:
    """One for each valid row with such a number; rows with problems of their own have been told already."""
    left = dict(wrong)
    for sheet in workbook.sheets:
        name, rows = find_table(sheet) or (sheet.name, [])
        found = ProblemList(name, FIXES)
        for row in rows:
            if code := left.pop(row.text("number"), None):
                found.report(row, FIELDS[code], code)
        yield from found.in_order()
