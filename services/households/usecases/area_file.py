"""Reads an uploaded `areas.csv`: all of it, or every reason why not. Pure."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from contracts.area import AreaLevel, AreaScope, level_of
from contracts.refusals import Refusal, Refused
from services.households.store import AreaRow

HEADER = ["code", "name", "level", "parent_code"]
HEADERS = (HEADER, ["code", "name", "level", "parent"])
MAX_BYTES = 2 * 1024 * 1024
MAX_LISTED = 200
PARENT_DIGITS = {AreaLevel.COUNTY: 0, AreaLevel.TOWNSHIP: 6, AreaLevel.VILLAGE: 9}
DIGITS = re.compile(r"[0-9]{1,12}")
NAME = re.compile(r"(?![=+\-@])[^\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]{1,100}")
"""Nothing that a spreadsheet would compute or a screen would not show: names of areas end up in spreadsheets."""


FIXES = {
    "columns-wrong": ("Write exactly four values: code, name, level, parent_code.", "每行应恰好四列：代码、名称、级别、上级代码。"),
    "code-outside-county": ("Remove the row, or correct the code: it lies outside this county.", "请删除该行或更正代码：不属于本县。"),
    "code-twice": ("Delete one of the rows with this code.", "同一代码出现两次，请删除一行。"),
    "level-mismatch": (
        "A county has 6 digits, a township 9, a village 12: correct code or level.",
        "县6位、乡镇9位、村12位：请更正代码或级别。",
    ),
    "name-empty": ("Fill in the name.", "请填写名称。"),
    "name-invalid": ("Write the name in at most 100 characters, without line breaks or invisible characters, not beginning with = + - @.", "名称不超过100字，不含换行及不可见字符，不以 = + - @ 开头。"),
    "parent-unknown": (
        "Add the parent's row, or correct parent_code; a county's stays empty.",
        "请补上上级区划所在行或更正上级代码；县的上级留空。",
    ),
    "parent-mismatch": (
        "The parent is the area one level above, whose code this code begins with.",
        "上级应为高一级、且代码为本代码前段的区划。",
    ),
    "parent-cycle": ("These rows are each other's parents: correct parent_code.", "上下级互为循环，请更正上级代码。"),
    "already-different": (
        "The area is registered with another name; an import does not rename. Correct the row.",
        "该区划已以其他名称登记，导入不作更名，请更正该行。",
    ),
}  # fmt: skip
AREAS_UNREADABLE = Refusal(
    "areas-unreadable",
    422,
    "The file is not the list of areas",
    "文件不是区划表",
    "Upload a CSV in UTF-8 with the header code,name,level,parent_code, of at most 2 MB.",
    "请上传UTF-8编码的CSV，首行为 code,name,level,parent_code，不超过2 MB。",
)
AREAS_INVALID = Refusal(
    "areas-invalid",
    422,
    "Some rows of the file are wrong; nothing was imported",
    "部分行有误，未导入任何内容",
    "Correct the rows that are listed and upload the file again.",
    "请更正所列各行后重新上传。",
)


class Line(NamedTuple):
    """One row of the file: its number as an editor shows it, and its cells."""

    number: int
    cells: list[str]

    @property
    def code(self) -> str:
        """What stands in the first column."""
        return self.cells[0] if self.cells else ""


def read_areas(data: bytes, county: AreaScope, known: Mapping[str, AreaRow]) -> list[AreaRow]:
    """The areas of a file that fits together with those already known; Refused with every row's problem if not."""
    lines = _lines(data)
    whole = [line for line in lines if len(line.cells) == len(HEADER)]
    parents = {code: row.parent_code or "" for code, row in known.items()}
    parents |= {line.code: line.cells[3] for line in whole}
    seen: set[str] = set()
    problems: list[tuple[Line, str]] = []
    for line in lines:
        problems += ((line, problem) for problem in _problems(line, county, parents, known, seen))
        seen.add(line.code)
    if problems:
        raise Refused(_refusal(problems))
    return [AreaRow(line.code, line.cells[1], AreaLevel(line.cells[2]), line.cells[3] or None) for line in lines]


def _lines(data: bytes) -> list[Line]:
    if len(data) > MAX_BYTES:
        raise Refused(AREAS_UNREADABLE.with_more(reason="too-large"))
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        lines = [Line(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(cells)]
    except (UnicodeDecodeError, csv.Error):
        raise Refused(AREAS_UNREADABLE.with_more(reason="not-csv")) from None
    if not lines or lines[0].cells not in HEADERS:
        raise Refused(AREAS_UNREADABLE.with_more(reason="header-wrong"))
    if len(lines) == 1:
        raise Refused(AREAS_UNREADABLE.with_more(reason="empty"))
    return lines[1:]


def _problems(
    line: Line, county: AreaScope, parents: Mapping[str, str], known: Mapping[str, AreaRow], seen: set[str]
) -> Iterator[str]:
    if len(line.cells) != len(HEADER):
        yield "columns-wrong"
        return
    code, name, level, parent = line.cells
    if code in seen:
        yield "code-twice"
    if not name:
        yield "name-empty"
    elif not NAME.fullmatch(name):
        yield "name-invalid"
    if level_of(code) is None or level_of(code) != level:
        yield "level-mismatch"
    elif not county.covers(code):
        yield "code-outside-county"
    elif problem := _problem_with_parent(code, AreaLevel(level), parent, parents):
        yield problem
    if code in known and name and known[code].name != name:
        yield "already-different"


def _problem_with_parent(code: str, level: AreaLevel, parent: str, parents: Mapping[str, str]) -> str | None:
    wanted = code[: PARENT_DIGITS[level]]
    if parent == wanted and (not parent or parent in parents):
        return None
    if parent not in parents:
        return "parent-unknown"
    return "parent-cycle" if _leads_back(code, parents) else "parent-mismatch"


def _leads_back(code: str, parents: Mapping[str, str]) -> bool:
    passed: set[str] = set()
    above = parents[code]
    while above in parents and above not in passed:
        if above == code:
            return True
        passed.add(above)
        above = parents[above]
    return False


def _refusal(problems: list[tuple[Line, str]]) -> Refusal:
    listed = [
        {
            "row": line.number,
            "code": line.code if DIGITS.fullmatch(line.code) else "",
            "problem": problem,
            "fix_en": FIXES[problem][0],
            "fix_zh": FIXES[problem][1],
        }
        for line, problem in problems[:MAX_LISTED]
    ]
    return AREAS_INVALID.with_more(problems=listed, problems_total=len(problems))
