"""Administrative areas by their statistical codes: county (6 digits), township (9), village (12)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

AreaCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}([0-9]{3}([0-9]{3})?)?$")]


class AreaLevel(StrEnum):
    """The three levels that Kith knows."""

    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


LEVEL_BY_LENGTH = {6: AreaLevel.COUNTY, 9: AreaLevel.TOWNSHIP, 12: AreaLevel.VILLAGE}


def level_of(code: str) -> AreaLevel | None:
    """The level that a code's length says, or None if it is no area code."""
    return LEVEL_BY_LENGTH.get(len(code)) if code.isascii() and code.isdigit() else None


@dataclass(frozen=True)
class AreaScope:
    """An area and all below it, as a half-open range of codes in byte order."""

    code: str

    @property
    def upper(self) -> str:
        """The first string after every code that begins with this one (':' follows '9')."""
        return f"{self.code}:"

    def covers(self, code: str) -> bool:
        """Whether the area with `code` is this one or lies below it."""
        return bool(self.code) and self.code <= code < self.upper
