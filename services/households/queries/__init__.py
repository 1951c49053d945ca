"""What the households service answers, each within the asker's area."""

from services.households.queries.files import get_contact, get_household
from services.households.queries.imports import get_survey_import
from services.households.queries.lists import list_areas, list_households

__all__ = ["get_contact", "get_household", "get_survey_import", "list_areas", "list_households"]
