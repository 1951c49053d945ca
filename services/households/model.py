"""The families as the field speaks of them: members, relations, and the facts that care categories rest on."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contracts.codes import ConsentPurpose

__all__ = [
    "DERIVED_CATEGORIES",
    "HERE",
    "CareCategory",
    "ConsentPurpose",
    "HouseholdFacts",
    "PersonFacts",
    "Relation",
    "ReturnExpected",
    "Sex",
]

HERE = "here"
"""The county key of this county; any other key is another county's, see `rules.same_county`."""


class CareCategory(StrEnum):
    """Care categories (H2), in the order in which they are listed. `LOST_ONLY_CHILD` never leaves this service."""

    FAMILY_PLANNING = "family_planning"
    GIRL = "girl"
    HARDSHIP = "hardship"
    ELDERLY = "elderly"
    EMPTY_NEST = "empty_nest"
    TEMPORARILY_EMPTY_NEST = "temporarily_empty_nest"
    DISABLED_ONLY_CHILD = "disabled_only_child"
    LOST_ONLY_CHILD = "lost_only_child"
    MIGRANT = "migrant"
    LEFT_BEHIND_CHILD = "left_behind_child"
    LEFT_BEHIND_WOMAN = "left_behind_woman"
    LEFT_BEHIND_ELDER = "left_behind_elder"


DERIVED_CATEGORIES = frozenset(
    {
        CareCategory.ELDERLY,
        CareCategory.EMPTY_NEST,
        CareCategory.LEFT_BEHIND_CHILD,
        CareCategory.LEFT_BEHIND_ELDER,
        CareCategory.MIGRANT,
    }
)
"""Derived from facts; all others are only ever declared."""


class Relation(StrEnum):
    """What a member is to the head of the household."""

    HEAD = "head"
    SPOUSE = "spouse"
    CHILD = "child"
    CHILD_IN_LAW = "child_in_law"
    PARENT = "parent"
    GRANDCHILD = "grandchild"
    OTHER = "other"


class Sex(StrEnum):
    """As on the identity card."""

    MALE = "male"
    FEMALE = "female"


class ReturnExpected(StrEnum):
    """Whether somebody who is away has said when to come back."""

    NONE = "none"
    GIVEN = "given"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """What the derived categories need to know of one member; None is "not known".

    `hukou_county` and `home_county` are county keys: `HERE`, or another county's units from the province down.
    """

    relation: Relation
    born: date | None
    sex: Sex | None = None
    away: bool = False
    away_since: date | None = None
    return_expected: ReturnExpected = ReturnExpected.NONE
    hukou_county: str | None = HERE
    home_county: str | None = HERE
    home_since: date | None = None


@dataclass(frozen=True, slots=True)
class HouseholdFacts:
    """The members of a household, in any order."""

    members: tuple[PersonFacts, ...]

    def related(self, *relations: Relation) -> tuple[PersonFacts, ...]:
        """The members who are one of `relations` to the head."""
        return tuple(member for member in self.members if member.relation in relations)
