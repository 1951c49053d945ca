"""What a survey workbook says, once it has been read. Personal values stay out of every `repr`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from chassis.workbook_table import Problem
from services.households.model import (
    CareCategory,
    ConsentPurpose,
    HouseholdFacts,
    PersonFacts,
    Relation,
    Sex,
)


class County(NamedTuple):
    """The county whose families are surveyed."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyPerson:
    """One row of the survey. `identity_number` is None unless it is good; texts are without spaces."""

    row: int
    name: str = field(repr=False)
    relation: Relation
    sex: Sex | None = field(repr=False)
    nation: str = field(repr=False)
    identity_number: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    hukou: str = field(repr=False)
    home: str = field(repr=False)
    health: str = field(repr=False)
    away_place: str = field(repr=False)
    facts: PersonFacts = field(repr=False)

    @property
    def born(self) -> date | None:
        """From the identity number, or from the birth column where the number is not good."""
        return self.facts.born


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyHousehold:
    """One household of the survey, with what was said and what follows from the facts on its survey date."""

    sheet: str
    first_row: int
    household_no: str
    head: str = field(repr=False)
    village_code: str | None
    survey_date: date | None
    declared: tuple[CareCategory, ...] = field(repr=False)
    derivable: tuple[CareCategory, ...] = field(repr=False)
    consents: Mapping[ConsentPurpose, bool]
    needs: tuple[str, ...] = field(repr=False)
    persons: tuple[SurveyPerson, ...]
    invalid_rows: frozenset[int]

    @property
    def valid(self) -> bool:
        """Whether all rows are without a problem."""
        return not self.invalid_rows

    @property
    def members(self) -> int:
        """How many persons are listed."""
        return len(self.persons)

    @property
    def facts(self) -> HouseholdFacts:
        """The facts that the derived categories rest on."""
        return HouseholdFacts(tuple(person.facts for person in self.persons))


class SheetCount(NamedTuple):
    """What was found on a sheet with the table."""

    sheet: str
    header_row: int
    households: int
    people: int


@dataclass(frozen=True, slots=True)
class SurveyReading:
    """Everything found in a survey workbook: households in sheet and row order, problems likewise."""

    sheets: tuple[SheetCount, ...]
    households: tuple[SurveyHousehold, ...]
    problems: tuple[Problem, ...]

    @property
    def rows_read(self) -> int:
        """How many rows were people."""
        return sum(household.members for household in self.households)

    @property
    def valid_households(self) -> tuple[SurveyHousehold, ...]:
        """The households all of whose rows are valid."""
        return tuple(household for household in self.households if household.valid)

    @property
    def invalid_households(self) -> tuple[SurveyHousehold, ...]:
        """The households with at least one invalid row."""
        return tuple(household for household in self.households if not household.valid)

    @property
    def persons_valid(self) -> int:
        """How many rows have no problem."""
        return sum(household.members - len(household.invalid_rows) for household in self.households)
