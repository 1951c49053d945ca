"""Reads a township's survey workbook: every household, every problem, nothing of the remarks."""

from collections.abc import Callable, Iterator, Mapping

from chassis.normalise import squeeze
from chassis.workbook import Workbook, WorkbookRefused
from chassis.workbook_table import Problem, RowPlace, TableRow
from services.households.workbook.families import households_of, read_household
from services.households.workbook.layout import Table, find_table, header_unknown
from services.households.workbook.persons import SheetContext
from services.households.workbook.problems import WHOLE_FIXES, ProblemCode
from services.households.workbook.reading import County, SheetCount, SurveyHousehold, SurveyReading

SHEET_NAME_COLUMN = "工作表名"

VillagesOf = Callable[[str], Mapping[str, str] | None]
"""From a township's name to its villages' codes by name; None where the county has no such township."""


def read_survey(workbook: Workbook, *, county: County, villages_of: VillagesOf) -> SurveyReading:
    """Read every sheet that holds the survey's table. Pure.

    Raises `WorkbookRefused`: `header-unknown` where no sheet has the table, or a header lacks a heading that
    cannot be done without; `township-unknown` where a title names none of this county; `workbook-damaged`.
    """
    seen: dict[str, RowPlace] = {}
    counts: list[SheetCount] = []
    households: list[SurveyHousehold] = []
    problems: list[Problem] = []
    for sheet in workbook.sheets:
        table = find_table(sheet)
        if table is None:
            continue
        context = SheetContext(sheet.name, county.name, seen)
        found = tuple(_read_table(table, context, _villages(table, county, villages_of)))
        counts.append(SheetCount(sheet.name, table.header_row, len(found), len(table.people)))
        households += found
        problems += context.in_order()
    if not counts:
        raise header_unknown()
    return SurveyReading(tuple(counts), tuple(households), tuple(problems))


def _villages(table: Table, county: County, villages_of: VillagesOf) -> Mapping[str, str]:
    township = table.township or ""
    villages = villages_of(township)
    if villages is None:
        villages = villages_of(township.removeprefix(county.name))
    if villages is None:
        raise WorkbookRefused("township-unknown", WHOLE_FIXES["township-unknown"])
    return villages


def _read_table(table: Table, sheet: SheetContext, villages: Mapping[str, str]) -> Iterator[SurveyHousehold]:
    """Villages stand in a column of every row's header (补录), or the sheet is named after its one village."""
    if table.people and all("village" in row.columns for row in table.people):
        for rows in households_of(table.people):
            yield read_household(rows, _village_in(rows[0], sheet, villages), sheet)
        return
    village = villages.get(squeeze(sheet.sheet))
    if village is None:
        sheet.report_sheet(SHEET_NAME_COLUMN, "sheet_name", ProblemCode.VILLAGE_UNKNOWN)
        sheet.invalid_rows.update(row.number for row in table.people)
    for rows in households_of(table.people):
        yield read_household(rows, village, sheet)


def _village_in(row: TableRow, sheet: SheetContext, villages: Mapping[str, str]) -> str | None:
    code = villages.get(row.text("village"))
    if code is None:
        sheet.report(row, "village", ProblemCode.VILLAGE_UNKNOWN)
    return code
