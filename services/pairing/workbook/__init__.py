"""Reads the county's helper register as a pure function."""

from services.pairing.workbook.problems import FIXES, REFUSED_FIXES, ProblemCode
from services.pairing.workbook.reader import (
    HelperReading,
    HelperRow,
    VillagePlace,
    VillagesNamed,
    read_helpers,
)

__all__ = [
    "FIXES",
    "REFUSED_FIXES",
    "HelperReading",
    "HelperRow",
    "ProblemCode",
    "VillagePlace",
    "VillagesNamed",
    "read_helpers",
]
