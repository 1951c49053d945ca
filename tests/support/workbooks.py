"""Builds spreadsheets for tests, and finds the ones with known answers."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter  # type: ignore[import-untyped]

from kith.sample import FOLDER as SAMPLE
from services.households.workbook import County
from services.pairing.workbook import VillagePlace

SHARED = Path(__file__).parents[3] / "shared" / "data"

Row = Sequence[Any]


def xlsx(**sheets: Sequence[Row]) -> bytes:
    """A workbook with these sheets; a date becomes a date cell."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd", "in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    sheet.write(number, column, value)
    return file.getvalue()


def with_formula(workbook: bytes, sheet: str, cell: str) -> bytes:
    """The workbook with a formula in one cell, saved by a program that does not compute."""
    file, book = io.BytesIO(), openpyxl.load_workbook(io.BytesIO(workbook))
    book[sheet][cell] = "=CHAR(65)"
    book.save(file)
    return file.getvalue()


def with_part(workbook: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one of its parts changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part == name else old.read(part))
    return file.getvalue()


@dataclass(frozen=True)
class Known:
    """A folder's areas, and one workbook in it whose answers are known."""

    workbook: Path
    areas: tuple[Mapping[str, str], ...]
    answers: Mapping[str, Any]

    @property
    def county(self) -> County:
        county = next(area for area in self.areas if area["level"] == "county")
        return County(county["code"], county["name"])

    def villages_of(self, township: str) -> Mapping[str, str] | None:
        codes = [a["code"] for a in self.areas if a["level"] == "township" and a["name"] == township]
        if not codes:
            return None
        return {area["name"]: area["code"] for area in self.areas if area["parent_code"] == codes[0]}

    def villages_named(self, name: str) -> list[VillagePlace]:
        townships = {area["code"]: area["name"] for area in self.areas if area["level"] == "township"}
        return [
            VillagePlace(area["code"], townships[area["parent_code"]])
            for area in self.areas
            if area["level"] == "village" and area["name"] == name
        ]


def known(folder: Path, stem: str) -> Known:
    """A workbook with its answers and areas."""
    with (folder / "areas.csv").open(encoding="utf-8", newline="") as file:
        areas = tuple(csv.DictReader(file))
    answers = json.loads((folder / f"{stem}.answers.json").read_text(encoding="utf-8"))
    return Known(folder / f"{stem}.xlsx", areas, answers)


def known_surveys() -> dict[str, Known]:
    """The project's own survey, and the shared one where it is at hand."""
    return _all_known("survey", "survey-1")


def known_registers() -> dict[str, Known]:
    """The project's own helper register, and the shared one where it is at hand."""
    return _all_known("helpers", "helpers-1")


def _all_known(own: str, shared: str) -> dict[str, Known]:
    found = {own: known(SAMPLE, own)}
    if (SHARED / f"{shared}.xlsx").exists():
        found[shared] = known(SHARED, shared)
    return found
