"""Which households of a survey are on file already, by their members' identity numbers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from chassis.workbook_table import Problem
from services.households.model import Relation
from services.households.queries.problem_texts import ELSEWHERE, PROBLEM_FIXES
from services.households.store import Personal, Registered
from services.households.workbook import SurveyHousehold

ID_COLUMN = "身份证号"


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the survey: what will be sealed, the number's blind index, and the digest of it all."""

    row: int
    relation: Relation
    personal: Personal = field(repr=False)
    index: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class Listed:
    """A valid household of the survey on its way into the register."""

    said: SurveyHousehold
    village_code: str
    members: tuple[Member, ...] = field(repr=False)
    digest: bytes

    @property
    def head(self) -> Member:
        """The head; a valid household has one."""
        return next(member for member in self.members if member.relation is Relation.HEAD)


class Recognised(NamedTuple):
    """A household of the survey and, if it is on file, its id there."""

    listed: Listed
    household_id: UUID | None


def recognise(
    listed: Sequence[Listed], registered: Mapping[bytes, Registered]
) -> tuple[list[Recognised], list[Problem]]:
    """A household is the one its head is listed in, else the first in which a member is.

    Who is listed anywhere else, or in another village, keeps the whole household out: one problem per such row.
    """
    own = _own_households(listed, registered)
    recognised: list[Recognised] = []
    problems: list[Problem] = []
    for household, known in zip(listed, own, strict=True):
        strangers = [
            member.row
            for member in household.members
            if (where := registered.get(member.index))
            and (where.household_id, where.area_code) != (known, household.village_code)
        ]
        problems += (_elsewhere(household.said.sheet, row) for row in strangers)
        if not strangers:
            recognised.append(Recognised(household, known))
    return recognised, problems


def _own_households(listed: Sequence[Listed], registered: Mapping[bytes, Registered]) -> list[UUID | None]:
    """Each household on file goes to one of the survey's: to its head's, else to whose member comes first."""
    own = [_of(registered.get(household.head.index)) for household in listed]
    taken = set(own)
    for at, household in enumerate(listed):
        if own[at] is None:
            candidates = (_of(registered.get(member.index)) for member in household.members)
            own[at] = next((known for known in candidates if known and known not in taken), None)
            taken.add(own[at])
    return own


def _of(where: Registered | None) -> UUID | None:
    return where.household_id if where else None


def _elsewhere(sheet: str, row: int) -> Problem:
    return Problem(sheet, row, ID_COLUMN, None, "id", ELSEWHERE, PROBLEM_FIXES[ELSEWHERE])
