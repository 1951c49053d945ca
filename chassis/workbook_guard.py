"""Refuses what must not reach the spreadsheet reader: other files, encrypted ones, damaged ones, bombs."""

import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from itertools import zip_longest
from typing import NamedTuple

from contracts.refusals import Refusal, Refused

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 128 * 1024 * 1024
MAX_PARTS = 2_000
MAX_ROWS = 60_000
MAX_COLUMNS = 512
MAX_CELLS = 3_000_000
MAX_TEXT_BYTES = 128 * 1024 * 1024

OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
ENCRYPTED_FLAG = 0x1
PREFIX = rb"<(?:[^\s<>/:]++:)?+"
CELL_START = re.compile(PREFIX + rb"c(?=[\s/>])")
CELL_TAG = re.compile(PREFIX + rb"c(?=[\s/>])((?:\s++[^\s=<>\"'/]++\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'))*+)\s*+(/?)>")
REFERENCES = re.compile(rb"\sr\s*=")
CELL_REFERENCE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]{1,3})0*([1-9][0-9]{0,6})[\"']")
VALUE_START = re.compile(PREFIX + rb"v(?=[\s/>])")
VALUE = re.compile(PREFIX + rb"v(?:\s[^<>/]*+)?(?:/>|>([^<]*+)</)")
STRING_START = re.compile(PREFIX + rb"si(?=[\s/>])")
"""Quantifiers are possessive: a tag of millions of attributes must not cost the memory of going back over them."""


class Fix(NamedTuple):
    """What to do next, in both languages."""

    zh: str
    en: str


REMEDIES = {
    "file-missing": Fix("上传的文件已不存在，请重新上传。", "The upload is gone: upload the file again."),
    "file-damaged": Fix("上传的文件已被改动，请重新上传。", "The upload was altered: upload the file again."),
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
    "workbook-formulas": Fix(
        "表中有公式，其结果可能过时或缺失：请复制后“选择性粘贴—数值”，保存后重新上传。",
        "It holds formulas, whose results may be stale or missing: copy, paste as values, save and upload it again.",
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


def guard(data: bytes) -> int:
    """How many sheets `data` holds if it is an .xlsx that is safe to read, else raise `WorkbookRefused`.

    Every part is unpacked once: sizes that the archive only claims are not believed. The reader lays a sheet out
    densely from its first to its last filled cell, so one cell far away would take all memory; and it copies a
    shared text into every cell that refers to it. Area and text are bounded here, before the reader sees the file.
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
            return _check_archive(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as broken:
        raise WorkbookRefused("workbook-damaged") from broken


def _check_archive(archive: zipfile.ZipFile) -> int:
    parts = archive.infolist()
    if any(part.flag_bits & ENCRYPTED_FLAG for part in parts):
        raise WorkbookRefused("workbook-encrypted")
    if "xl/workbook.xml" not in archive.namelist():
        raise WorkbookRefused("workbook-not-xlsx")
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise WorkbookRefused("workbook-too-large")
    shared = _lengths(archive.read(part) for part in parts)
    sheets = [found for part in parts if (found := _measured(archive.read(part), shared))]
    if not sum(sheet.cells for sheet in sheets):
        raise WorkbookRefused("workbook-empty")
    if sum(sheet.text for sheet in sheets) > MAX_TEXT_BYTES:
        raise WorkbookRefused("workbook-too-large")
    return len(sheets)


class Measured(NamedTuple):
    """A sheet's filled cells, and the most bytes that the shared texts in them can take."""

    cells: int
    text: int


def _lengths(parts: Iterable[bytes]) -> list[int]:
    """How long each shared text is at most, by its number; of several such parts, the longest."""
    found: list[int] = []
    for part in parts:
        starts = [match.start() for match in STRING_START.finditer(part)]
        ends = [*starts[1:], len(part)][: len(starts)]
        told = [end - start for start, end in zip(starts, ends, strict=True)]
        found = [max(pair) for pair in zip_longest(found, told, fillvalue=0)]
    return found


def _measured(part: bytes, shared: list[int]) -> Measured | None:
    """What a sheet holds; None for a part that is no sheet."""
    if b"sheetData" not in part:
        return None
    tags = filled = height = width = 0
    for tag in CELL_TAG.finditer(part):
        tags += 1
        if not tag[2]:
            row, column = _place(tag[1])
            filled, height, width = filled + 1, max(height, row), max(width, column)
    if tags != len(CELL_START.findall(part)):
        raise WorkbookRefused("workbook-damaged")
    _check_area(height, width)
    return Measured(filled, _text_in(part, shared))


def _place(attributes: bytes) -> tuple[int, int]:
    """Row and column of a cell that says so exactly once: the reader might believe another one."""
    place = CELL_REFERENCE.search(attributes)
    if place is None or len(REFERENCES.findall(attributes)) != 1:
        raise WorkbookRefused("workbook-damaged")
    return int(place[2]), _column_number(place[1])


def _text_in(part: bytes, shared: list[int]) -> int:
    """Every whole number is taken for the number of a shared text: it may be one."""
    values = VALUE.findall(part)
    if len(values) != len(VALUE_START.findall(part)):
        raise WorkbookRefused("workbook-damaged")
    longest = max(shared, default=0)
    return sum(_text_of(value, times, shared, longest) for value, times in Counter(values).items())


def _text_of(value: bytes, times: int, shared: list[int], longest: int) -> int:
    if b"&#" in value:
        return times * longest
    plain = value.strip()
    number = int(plain) if plain.isdigit() and len(plain) < 10 else len(shared)
    return times * shared[number] if number < len(shared) else 0


def _check_area(height: int, width: int) -> None:
    if height > MAX_ROWS or width > MAX_COLUMNS or height * width > MAX_CELLS:
        raise WorkbookRefused("workbook-too-large")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number
