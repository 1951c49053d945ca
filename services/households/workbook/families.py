"""Reads the rows of one household together: what was said on its first row, what the rows make of it."""

import re
from collections.abc import Iterator
from datetime import date

from chassis.workbook_table import TableRow
from services.households.model import CareCategory, HouseholdFacts, Relation
from services.households.rules import contradicts_ages, derived_categories
from services.households.workbook.persons import SheetContext, read_date, read_person
from services.households.workbook.problems import ProblemCode
from services.households.workbook.reading import SurveyHousehold, SurveyPerson
from services.households.workbook.words import CATEGORIES, CONSENT_FIELDS, NONE, YES

BETWEEN_WORDS = re.compile(r"[、,/]")


def households_of(people: list[TableRow]) -> Iterator[list[TableRow]]:
    """The rows of each household: a number that differs from the one above begins a new one."""
    rows: list[TableRow] = []
    current = ""
    for row in people:
        number = row.text("no")
        if rows and number not in ("", current):
            yield rows
            rows = []
        current = number or current
        rows.append(row)
    if rows:
        yield rows


def read_household(rows: list[TableRow], village_code: str | None, sheet: SheetContext) -> SurveyHousehold:
    """The household in `rows`; what is wrong with it as a whole is reported at its first row."""
    first = rows[0]
    persons = tuple(read_person(row, sheet) for row in rows)
    facts = HouseholdFacts(tuple(person.facts for person in persons))
    survey_date = _survey_date(rows, sheet)
    declared = _declared(first, sheet)
    if not facts.related(Relation.HEAD):
        sheet.report(first, "relation", ProblemCode.RELATION_MISSING_HEAD)
    if survey_date and contradicts_ages(declared, facts, survey_date):
        sheet.report(first, "category", ProblemCode.AGE_CATEGORY_CONFLICT)
    return SurveyHousehold(
        sheet=sheet.sheet,
        first_row=first.number,
        household_no=first.text("no"),
        head=first.text("headname") or _head(persons),
        village_code=village_code,
        survey_date=survey_date,
        declared=_in_order(declared),
        derivable=_in_order(derived_categories(facts, survey_date) if survey_date else frozenset()),
        consents={purpose: first.text(name) in YES for name, purpose in CONSENT_FIELDS.items()},
        needs=tuple(_words(first, "need")),
        persons=persons,
        invalid_rows=frozenset(row.number for row in rows) & sheet.invalid_rows,
    )


def _survey_date(rows: list[TableRow], sheet: SheetContext) -> date | None:
    dates = [read_date(row, "filled", sheet) for row in rows]
    return next((day for day in dates if day), None)


def _declared(first: TableRow, sheet: SheetContext) -> frozenset[CareCategory]:
    words = _words(first, "category")
    if not all(word in CATEGORIES for word in words):
        sheet.report(first, "category", ProblemCode.CATEGORY_UNKNOWN)
    return frozenset(CATEGORIES[word] for word in words if word in CATEGORIES)


def _words(first: TableRow, field: str) -> list[str]:
    return [word for word in BETWEEN_WORDS.split(first.text(field)) if word not in ("", NONE)]


def _head(persons: tuple[SurveyPerson, ...]) -> str:
    return next((person.name for person in persons if person.relation is Relation.HEAD), "")


def _in_order(categories: frozenset[CareCategory]) -> tuple[CareCategory, ...]:
    return tuple(category for category in CareCategory if category in categories)
