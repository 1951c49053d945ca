"""Reads the county's helper register (结对帮扶人登记表): every helper, every problem, nothing of the remarks."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from chassis.normalise import date_of, identity_number_of, is_mans, mobile_of
from chassis.workbook import Workbook
from chassis.workbook_table import Problem, ProblemList, RowPlace, TableRow
from contracts.codes import HelperKindCode
from services.pairing.workbook.layout import find_table, header_unknown
from services.pairing.workbook.problems import FIXES, ProblemCode

KINDS = {
    word: kind
    for kind, words in {
        HelperKindCode.SERVICE_MEMBER: "兵儿子",
        HelperKindCode.YOUTH_LEAGUE: "团儿女",
        HelperKindCode.NEIGHBOUR: "邻里 邻里亲",
        HelperKindCode.WELL_OFF_LEADER: "致富带头人",
        HelperKindCode.VOLUNTEER: "志愿者",
        HelperKindCode.VOLUNTEER_MOTHER: "爱心妈妈",
        HelperKindCode.DEPARTMENT_CONTACT: "包保干部",
    }.items()
    for word in words.split()
}
SEXES = {"男": "male", "女": "female"}
BETWEEN_WORDS = re.compile(r"[、,/]")
AT_LEAST_ONE = re.compile(r"0*[1-9][0-9]{0,3}")


class VillagePlace(NamedTuple):
    """A village that bears a name, and the name of its township."""

    code: str
    township: str


VillagesNamed = Callable[[str], Sequence[VillagePlace]]
"""From an exact village name to all villages of the county that bear it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HelperRow:
    """One valid row of the register; personal values stay out of its `repr`."""

    row: int
    number: str
    name: str = field(repr=False)
    sex: str = field(repr=False)
    identity_number: str = field(repr=False)
    kind: HelperKindCode
    unit: str
    village_code: str
    phone: str | None = field(repr=False)
    capacity: int
    availability: str
    skills: tuple[str, ...]
    languages: tuple[str, ...]
    cleared_on: date | None
    successor: str | None


@dataclass(frozen=True, slots=True)
class HelperReading:
    """Everything found in a helper register: valid helpers and problems, in row order."""

    rows_read: int
    helpers: tuple[HelperRow, ...]
    problems: tuple[Problem, ...]

    @property
    def slots(self) -> int:
        """For how many households there is a helper."""
        return sum(helper.capacity for helper in self.helpers)


def read_helpers(workbook: Workbook, *, villages_named: VillagesNamed) -> HelperReading:
    """Read every sheet that holds the register's table. Pure.

    Raises `WorkbookRefused`: `header-unknown` where no sheet has it or a heading that cannot be done without is
    missing; `workbook-damaged`.
    """
    reader = _Reader(villages_named)
    tables = [table for sheet in workbook.sheets if (table := find_table(sheet)) is not None]
    if not tables:
        raise header_unknown()
    problems: list[Problem] = []
    helpers: list[HelperRow] = []
    for name, rows in tables:
        found = ProblemList(name, FIXES)
        helpers += [helper for row in rows if (helper := reader.read(row, found))]
        problems += found.in_order()
    return HelperReading(sum(len(rows) for _, rows in tables), tuple(helpers), tuple(problems))


class _Reader:
    """Reads rows, remembering the numbers that it has seen."""

    def __init__(self, villages_named: VillagesNamed) -> None:
        self._villages_named = villages_named
        self._seen: dict[tuple[str, str], RowPlace] = {}

    def read(self, row: TableRow, found: ProblemList) -> HelperRow | None:
        """The helper in a row, or None if the row has a problem."""
        number, identity = self._number(row, found), self._identity(row, found)
        name = self._name(row, found)
        kind, village = self._kind(row, found), self._village(row, found)
        phone, capacity = self._phone(row, found), self._capacity(row, found)
        cleared_on = self._cleared_on(row, found)
        if row.number in found.invalid_rows or not (identity and kind and village and capacity):
            return None
        return HelperRow(
            row=row.number,
            number=number,
            name=name,
            sex=SEXES.get(row.text("sex")) or ("male" if is_mans(identity) else "female"),
            identity_number=identity,
            kind=kind,
            unit=row.text("unit"),
            village_code=village,
            phone=phone,
            capacity=capacity,
            availability=row.text("availability"),
            skills=_words(row, "skills"),
            languages=_words(row, "languages"),
            cleared_on=cleared_on,
            successor=row.text("successor") or None,
        )

    def _number(self, row: TableRow, found: ProblemList) -> str:
        number = row.text("number")
        if not number:
            found.report(row, "number", ProblemCode.NUMBER_MISSING)
        else:
            self._refuse_second(row, "number", number, found)
        return number

    def _identity(self, row: TableRow, found: ProblemList) -> str | None:
        number = identity_number_of(row.cell("id"))
        if number is None:
            found.report(row, "id", ProblemCode.ID_CHECKSUM)
        else:
            self._refuse_second(row, "id", number, found)
        return number

    def _refuse_second(self, row: TableRow, name: str, value: str, found: ProblemList) -> None:
        first = self._seen.setdefault((name, value), RowPlace(found.sheet, row.number))
        if first != (found.sheet, row.number):
            found.report(row, name, ProblemCode.DUPLICATE_IN_FILE, first)

    def _village(self, row: TableRow, found: ProblemList) -> str | None:
        places = self._villages_named(row.text("village"))
        if len(places) > 1:
            unit = row.text("unit")
            places = [place for place in places if place.township in unit]
            if len(places) != 1:
                found.report(row, "village", ProblemCode.VILLAGE_AMBIGUOUS)
                return None
        if not places:
            found.report(row, "village", ProblemCode.VILLAGE_UNKNOWN)
            return None
        return places[0].code

    @staticmethod
    def _name(row: TableRow, found: ProblemList) -> str:
        if not (name := row.text("name")):
            found.report(row, "name", ProblemCode.NAME_MISSING)
        return name

    @staticmethod
    def _kind(row: TableRow, found: ProblemList) -> HelperKindCode | None:
        kind = KINDS.get(row.text("kind"))
        if kind is None:
            found.report(row, "kind", ProblemCode.KIND_UNKNOWN)
        return kind

    @staticmethod
    def _phone(row: TableRow, found: ProblemList) -> str | None:
        phone = mobile_of(row.cell("phone")) if row.text("phone") else None
        if phone is None and row.text("phone"):
            found.report(row, "phone", ProblemCode.PHONE_INVALID)
        return phone

    @staticmethod
    def _capacity(row: TableRow, found: ProblemList) -> int | None:
        written = row.text("capacity")
        if AT_LEAST_ONE.fullmatch(written):
            return int(written)
        found.report(row, "capacity", ProblemCode.CAPACITY_INVALID)
        return None

    @staticmethod
    def _cleared_on(row: TableRow, found: ProblemList) -> date | None:
        if not row.text("cleared_on"):
            return None
        day = date_of(row.cell("cleared_on"))
        if day is None:
            found.report(row, "cleared_on", ProblemCode.DATE_INVALID)
        return day


def _words(row: TableRow, name: str) -> tuple[str, ...]:
    return tuple(word for word in BETWEEN_WORDS.split(row.text(name)) if word)
