"""Reads the township survey workbook (生育关怀家庭调查表) as a pure function."""

from chassis.workbook_table import Problem, RowPlace
from services.households.workbook.problems import FIXES, WHOLE_FIXES, ProblemCode
from services.households.workbook.reader import VillagesOf, read_survey
from services.households.workbook.reading import (
    County,
    SheetCount,
    SurveyHousehold,
    SurveyPerson,
    SurveyReading,
)

__all__ = [
    "FIXES",
    "WHOLE_FIXES",
    "County",
    "Problem",
    "ProblemCode",
    "RowPlace",
    "SheetCount",
    "SurveyHousehold",
    "SurveyPerson",
    "SurveyReading",
    "VillagesOf",
    "read_survey",
]
