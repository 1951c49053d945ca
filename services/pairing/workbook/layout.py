"""Finds the register's table: one header row, then one row per helper."""

from collections.abc import Mapping

from chassis.normalise import squeeze, text_of
from chassis.workbook import Fix, Row, Sheet, WorkbookRefused
from chassis.workbook_table import Column, TableRow, refuse_formulas

FIELD_OF = {
    "编号": "number",
    "姓名": "name",
    "性别": "sex",
    "身份证号": "id",
    "类型": "kind",
    "所属单位": "unit",
    "所在村": "village",
    "联系电话": "phone",
    "可结对户数": "capacity",
    "可服务时间": "availability",
    "特长": "skills",
    "方言": "languages",
    "未成年人从业查询日期": "cleared_on",
    "接替人编号": "successor",
}
REQUIRED = frozenset({"number", "name", "id", "kind", "unit", "village", "capacity"})
LOOKS_LIKE_A_HEADER = 4
TOTALS = frozenset({"合计", "小计"})


def find_table(sheet: Sheet) -> tuple[str, list[TableRow]] | None:
    """The sheet's name and rows, or None if it has no register.

    Raises `WorkbookRefused`: `header-unknown`, or `workbook-formulas` for a computed field.
    """
    columns: Mapping[str, Column] | None = None
    rows: list[TableRow] = []
    for row in sheet.rows():
        if header := _columns(row):
            columns = header
        elif columns is not None and not _is_total(row):
            refuse_formulas(sheet, row, columns)
            candidate = TableRow(row.number, row.cells, columns)
            if any(candidate.text(name) for name in columns):
                rows.append(candidate)
    return None if columns is None else (sheet.name, rows)


def _columns(row: Row) -> Mapping[str, Column] | None:
    headings = [squeeze(cell) if isinstance(cell, str) else "" for cell in row.cells]
    columns = {FIELD_OF[heading]: Column(at, heading) for at, heading in enumerate(headings) if heading in FIELD_OF}
    if len(columns) < LOOKS_LIKE_A_HEADER:
        return None
    if not columns.keys() >= REQUIRED:
        raise header_unknown(REQUIRED - columns.keys())
    return columns


def _is_total(row: Row) -> bool:
    return next((text for cell in row.cells if (text := text_of(cell))), "") in TOTALS


def header_unknown(missing: frozenset[str] = REQUIRED) -> WorkbookRefused:
    """The register's table was not found, or lacks headings."""
    headings = "、".join(heading for heading, name in FIELD_OF.items() if name in missing)
    return WorkbookRefused(
        "header-unknown",
        Fix(
            f"没有找到登记表表头：缺少{headings}。请使用县里下发的登记表。",
            f"The register's header was not found: {headings} missing. Use the form that the county sent out.",
        ),
    )
