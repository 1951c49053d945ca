"""Reads one row of the survey as a person, noting what is wrong with each cell."""

from datetime import date

from chassis.normalise import (
    birth_date_in,
    date_of,
    digits_are_lost,
    identity_number_of,
    is_mans,
    mobile_of,
)
from chassis.workbook_table import ProblemList, RowPlace, TableRow
from services.households.model import PersonFacts, Relation, ReturnExpected, Sex
from services.households.workbook.places import county_key
from services.households.workbook.problems import FIXES, ProblemCode
from services.households.workbook.reading import SurveyPerson
from services.households.workbook.words import NO_RETURN, RELATIONS, SAID_AWAY, SAME_AS_ABOVE, SEXES

MONTH_SUFFICES = frozenset({"since", "home_since"})


class SheetContext(ProblemList):
    """What a row leans on: its sheet and county, the places in the row above, the numbers seen before."""

    def __init__(self, sheet: str, county_name: str, seen: dict[str, RowPlace]) -> None:
        super().__init__(sheet, FIXES)
        self.county_name = county_name
        self.seen = seen
        self.above: dict[str, str] = {}


def read_person(row: TableRow, sheet: SheetContext) -> SurveyPerson:
    """The person in a row; what is wrong with the row's own cells is reported to the sheet."""
    name = row.text("name")
    if not name:
        sheet.report(row, "name", ProblemCode.NAME_MISSING)
    number = _identity_number(row, sheet)
    hukou, home = _place(row, "hukou", sheet), _place(row, "home", sheet)
    facts = _facts(row, sheet, number, (hukou, home))
    return SurveyPerson(
        row=row.number,
        name=name,
        relation=facts.relation,
        sex=facts.sex,
        nation=row.text("nation"),
        identity_number=number,
        phone=_phone(row, sheet),
        hukou=hukou,
        home=home,
        health=row.text("health"),
        away_place=row.text("place"),
        facts=facts,
    )


def read_date(row: TableRow, name: str, sheet: SheetContext) -> date | None:
    """The date in a field; a filled one that is none is reported."""
    if not row.text(name):
        return None
    day = date_of(row.cell(name), month_suffices=name in MONTH_SUFFICES)
    if day is None:
        sheet.report(row, name, ProblemCode.DATE_INVALID)
    return day


def _identity_number(row: TableRow, sheet: SheetContext) -> str | None:
    cell = row.cell("id")
    number = identity_number_of(cell)
    if number is None:
        sheet.report(row, "id", _what_is_wrong(row))
    elif number in sheet.seen:
        sheet.report(row, "id", ProblemCode.DUPLICATE_IN_FILE, sheet.seen[number])
    else:
        sheet.seen[number] = RowPlace(sheet.sheet, row.number)
    return number


def _what_is_wrong(row: TableRow) -> ProblemCode:
    if not row.text("id"):
        return ProblemCode.ID_MISSING
    return ProblemCode.ID_AS_NUMBER if digits_are_lost(row.cell("id")) else ProblemCode.ID_CHECKSUM


def _sex(row: TableRow, number: str | None) -> Sex | None:
    written = SEXES.get(row.text("sex"))
    if written or number is None:
        return written
    return Sex.MALE if is_mans(number) else Sex.FEMALE


def _phone(row: TableRow, sheet: SheetContext) -> str | None:
    if not row.text("phone"):
        return None
    phone = mobile_of(row.cell("phone"))
    if phone is None:
        sheet.report(row, "phone", ProblemCode.PHONE_INVALID)
    return phone


def _place(row: TableRow, name: str, sheet: SheetContext) -> str:
    written = row.text(name)
    place = sheet.above.get(name, "") if written == SAME_AS_ABOVE else written
    sheet.above[name] = place
    return place


def _facts(row: TableRow, sheet: SheetContext, number: str | None, places: tuple[str, str]) -> PersonFacts:
    hukou, home = (county_key(place, sheet.county_name) for place in places)
    returning = ReturnExpected.NONE if row.text("back") in NO_RETURN else ReturnExpected.GIVEN
    return PersonFacts(
        relation=RELATIONS.get(row.text("relation"), Relation.OTHER),
        born=_born(row, sheet, number),
        sex=_sex(row, number),
        away=row.text("away") == SAID_AWAY,
        away_since=read_date(row, "since", sheet),
        return_expected=returning,
        hukou_county=hukou,
        home_county=home,
        home_since=read_date(row, "home_since", sheet),
    )


def _born(row: TableRow, sheet: SheetContext, number: str | None) -> date | None:
    written = read_date(row, "birth", sheet)
    if number is None:
        return written
    born = birth_date_in(number)
    if written is not None and written != born:
        sheet.report(row, "birth", ProblemCode.BIRTH_MISMATCH)
    return born
