"""Makes the sample files: `python -m kith.sample.generate` writes the same ones every time."""

import csv
import json
from pathlib import Path
from typing import Any

from kith.sample import AREAS, FOLDER, HELPERS, HELPERS_ANSWERS, SURVEY, SURVEY_ANSWERS
from kith.sample.grid import save
from kith.sample.people import area_rows
from kith.sample.register import register
from kith.sample.survey import survey


def generate(folder: Path = FOLDER) -> None:
    """Write areas, workbooks and answers into a folder."""
    with (folder / AREAS.name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("code", "name", "level", "parent_code"), *area_rows()])
    for (grids, answers), workbook, key in (
        (survey(), SURVEY, SURVEY_ANSWERS),
        (register(), HELPERS, HELPERS_ANSWERS),
    ):
        save(folder / workbook.name, grids)
        _write_answers(folder / key.name, answers)


def _write_answers(path: Path, answers: dict[str, Any]) -> None:
    path.write_text(json.dumps(answers, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    generate()
