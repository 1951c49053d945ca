"""The files that a story is told about: somebody's own, or the project's sample."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kith import seeding
from kith.refusing import BadInput


@dataclass(frozen=True)
class Files:
    """What the story is told about."""

    areas: Path
    survey: Path
    helpers: Path

    @classmethod
    def of(cls, areas: Path | None, survey: Path | None, helpers: Path | None) -> Self:
        """The given files; the project's own sample where none is given. BadInput if one is missing."""
        found = cls(
            areas or seeding.sample("areas.csv"),
            survey or seeding.sample("survey.xlsx"),
            helpers or seeding.sample("helpers.xlsx"),
        )
        for name, path in vars(found).items():
            if not path.is_file():
                raise BadInput(f"{name.upper()}={path} is no file")
        return found


def county_of(areas: Path) -> str:
    """The county's code: the row without a parent. BadInput if there is not just one."""
    try:
        with areas.open(encoding="utf-8-sig", newline="") as source:
            counties = [row["code"] for row in csv.DictReader(source) if row["level"] == "county"]
    except (KeyError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{areas} is no areas file: its first line must be code,name,level,parent_code") from error
    if len(counties) != 1:
        raise BadInput(f"{areas} must hold one county, not {len(counties)}: one installation is one county")
    return counties[0]
