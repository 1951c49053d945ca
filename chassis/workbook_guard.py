"""Refuses what must not reach the spreadsheet reader: other files, encrypted ones, damaged ones, bombs."""

import io
import re
import zipfile
import zlib
from typing import NamedTuple

from contracts.refusals import Refusal, Refused

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 128 * 1024 * 1024
MAX_PARTS = 2_000
MAX_ROWS = 60_000
MAX_COLUMNS = 512
MAX_CELLS = 3_000_000

OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
ENCRYPTED_FLAG = 0x1
XML_NAME = rb"(?:[^\s<>/:]+:)?c"
CELL_START = re.compile(rb"<" + XML_NAME + rb"(?=[\s/>])")
CELL_TAG = re.compile(rb"<" + XML_NAME + rb"(?=[\s/>])((?:\s+[^\s=<>\"'/]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*(/?)>")
CELL_REFERENCE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]{1,3})0*([1-9][0-9]{0,6})[\"']")


class Fix(NamedTuple):
    """What to do next, in both languages."""

    zh: str
    en: str


REMEDIES = {
    "workbook-not-xlsx": Fix(
        "请用 Excel 或 WPS 另存为 .xlsx 后重新上传。", "Save it as .xlsx in Excel or WPS and upload it again."
    ),
    "workbook-empty": Fix(
        "文件没有内容，请选择已填写的工作簿。", "It holds nothing: choose the workbook that was filled in."
    ),
    "workbook-encrypted": Fix(
        "请取消打开密码后重新保存上传。", "Remove the password, save it, and upload it again."
    ),
    "workbook-too-large": Fix(
        "文件过大，请删除图片和多余行列，或按村拆分后上传。",
        "It is too large: remove pictures and stray rows or columns, or split it by village.",
    ),
    "workbook-damaged": Fix(
        "文件已损坏，请用 Excel 或 WPS 打开并另存后重新上传。",
        "It is damaged: open it in Excel or WPS, save it anew and upload it again.",
    ),
}


class WorkbookRefused(Refused):
    """A file that cannot be read as a whole: one code, one thing to do, nothing of its content."""

    def __init__(self, code: str, remedy: Fix | None = None) -> None:
        self.code = code
        self.remedy = remedy or REMEDIES[code]
        super().__init__(
            Refusal(
                code,
                422,
                "The workbook cannot be read",
                "无法读取该工作簿",
                remedy_en=self.remedy.en,
                remedy_zh=self.remedy.zh,
            )
        )


def guard(data: bytes) -> None:
    """Return if `data` is an .xlsx that is safe to read, else raise `WorkbookRefused`.

    Every part is unpacked once: sizes that the archive only claims are not believed. The reader lays a sheet out
    densely from its first to its last filled cell, so one cell far away would take all memory: that area is
    bounded here, before the reader sees the file.
    """
    if not data:
        raise WorkbookRefused("workbook-empty")
    if len(data) > MAX_FILE_BYTES:
        raise WorkbookRefused("workbook-too-large")
    if data.startswith(OLE_MAGIC):
        raise WorkbookRefused("workbook-encrypted" if ENCRYPTED_STREAM in data else "workbook-not-xlsx")
    if not data.startswith(b"PK"):
        raise WorkbookRefused("workbook-not-xlsx")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_archive(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as broken:
        raise WorkbookRefused("workbook-damaged") from broken


def _check_archive(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if any(part.flag_bits & ENCRYPTED_FLAG for part in parts):
        raise WorkbookRefused("workbook-encrypted")
    if "xl/workbook.xml" not in archive.namelist():
        raise WorkbookRefused("workbook-not-xlsx")
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise WorkbookRefused("workbook-too-large")
    if not sum(_cells_in(archive.read(part)) for part in parts):
        raise WorkbookRefused("workbook-empty")


def _cells_in(part: bytes) -> int:
    """How many filled cells a part holds; 0 for a part that is no sheet."""
    if b"sheetData" not in part:
        return 0
    tags = CELL_TAG.findall(part)
    if len(tags) != len(CELL_START.findall(part)):
        raise WorkbookRefused("workbook-damaged")
    references = [CELL_REFERENCE.search(attributes) for attributes, closed in tags if not closed]
    if not references:
        return 0
    places = [place.groups() for place in references if place]
    if len(places) != len(references):
        raise WorkbookRefused("workbook-damaged")
    _check_area({row for _, row in places}, {column for column, _ in places})
    return len(places)


def _check_area(rows: set[bytes], columns: set[bytes]) -> None:
    height, width = max(map(int, rows)), max(map(_column_number, columns))
    if height > MAX_ROWS or width > MAX_COLUMNS or height * width > MAX_CELLS:
        raise WorkbookRefused("workbook-too-large")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number
