"""Where a workbook's cells are computed rather than written: such a value may be stale, or not be there at all."""

import html
import io
import posixpath
import re
import zipfile
from collections.abc import Iterator

Place = tuple[int, int]
"""Row and column, counted from 1."""

PREFIX = rb"<(?:[^\s<>/:]++:)?+"
CELL_OR_FORMULA = re.compile(
    PREFIX + rb"(?:c\s(?:[^<>]*?\s)??r\s*=\s*[\"']([A-Za-z]{1,3})([0-9]{1,7})[\"']|(f)[\s/>])"
)
TABLE_END = re.compile(rb"</(?:[^\s<>/:]++:)?+sheetData")
"""Behind it stand the formulas of drop-down lists and formats, which are no cells."""

SHEET = re.compile(PREFIX + rb"sheet\s([^<>]*+)>")
RELATION = re.compile(PREFIX + rb"Relationship\s([^<>]*+)>")
ATTRIBUTE = re.compile(rb"([^\s=<>\"'/]++)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)')")


def formulas_in(data: bytes) -> dict[str, frozenset[Place]]:
    """Sheet name -> its cells that hold a formula. `data` is an .xlsx that the guard has let through."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        return {
            sheet: frozenset(_places(archive.read(part))) for sheet, part in _parts(archive, names) if part in names
        }


def _parts(archive: zipfile.ZipFile, names: set[str]) -> Iterator[tuple[str, str]]:
    """(sheet, the part that holds it), as workbook and relations tell."""
    relations = "xl/_rels/workbook.xml.rels"
    if relations not in names:
        return
    targets = {told.get("Id"): told.get("Target", "") for told in _tags(RELATION, archive.read(relations))}
    for told in _tags(SHEET, archive.read("xl/workbook.xml")):
        link = next((value for name, value in told.items() if name.endswith(":id")), None)
        yield told.get("name", ""), posixpath.join("/xl", targets.get(link, "")).lstrip("/")


def _tags(tag: re.Pattern[bytes], part: bytes) -> Iterator[dict[str, str]]:
    for attributes in tag.findall(part):
        yield {
            name.decode(errors="replace"): html.unescape((double or single).decode(errors="replace"))
            for name, double, single in ATTRIBUTE.findall(attributes)
        }


def _places(sheet: bytes) -> Iterator[Place]:
    """A formula stands inside the cell whose tag came last."""
    cell: Place | None = None
    end = TABLE_END.search(sheet)
    for found in CELL_OR_FORMULA.finditer(sheet, 0, end.start() if end else len(sheet)):
        if found[3] is None:
            cell = int(found[2]), _column(found[1])
        elif cell is not None:
            yield cell


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number
