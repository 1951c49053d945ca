"""Whether a case file is complete after a survey, and what is missing. Pure."""

from collections.abc import Collection, Iterator
from datetime import date

from services.households.model import Relation
from services.households.rules import ADULT_FROM, age_on
from services.households.workbook import SurveyHousehold, SurveyPerson


def missing_in(said: SurveyHousehold, categories: Collection[str], on: date) -> tuple[str, ...]:
    """What a complete file has and this one lacks, as codes in a fixed order.

    Consents are never missing: an empty answer is a no (L1).
    """
    lacking = {
        "head": not said.facts.related(Relation.HEAD),
        "phone": not any(person.phone and _is_adult(person, on) for person in said.persons),
        "category": not categories,
        "survey-date": said.survey_date is None,
    }
    found = {code for code, is_missing in lacking.items() if is_missing}
    found |= {code for person in said.persons for code in _missing_of(person)}
    return tuple(code for code in ORDER if code in found)


def _missing_of(person: SurveyPerson) -> Iterator[str]:
    known = {
        "name": person.name,
        "sex": person.sex,
        "id-number": person.identity_number,
        "birth": person.born,
        "relation": person.relation is not Relation.OTHER,
        "hukou": person.hukou,
        "home": person.home,
    }
    yield from (code for code, value in known.items() if not value)


def _is_adult(person: SurveyPerson, on: date) -> bool:
    return person.born is not None and age_on(person.born, on) >= ADULT_FROM


ORDER = (
    "head", "name", "sex", "id-number", "birth", "relation", "hukou", "home", "phone", "category", "survey-date"
)  # fmt: skip
