"""What the households service does when it is told to."""

from services.households.usecases.areas import import_areas
from services.households.usecases.consents import answer_consent, withdraw_consent
from services.households.usecases.reclassifying import reclassify
from services.households.usecases.survey import CHECK_SURVEY, COMMIT_SURVEY, check_survey, commit_survey

__all__ = [
    "CHECK_SURVEY",
    "COMMIT_SURVEY",
    "answer_consent",
    "check_survey",
    "commit_survey",
    "import_areas",
    "reclassify",
    "withdraw_consent",
]
