"""The care categories of a household as they stand on a day, in words that others may hear."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from contracts.codes import CareCategoryCode
from services.households.model import CareCategory, HouseholdFacts
from services.households.rules import derived_categories, has_minor, next_change_on

RESTRICTED = frozenset({CareCategory.LOST_ONLY_CHILD})
"""Travels only as `restricted` (L4)."""


@dataclass(frozen=True, slots=True)
class Classification:
    """What follows from the facts on a day, and when it will change by itself."""

    derived: tuple[CareCategoryCode, ...]
    has_minor: bool
    next_change_on: date | None


def classify(facts: HouseholdFacts, today: date) -> Classification:
    """The derived categories of a household today."""
    derived = in_public(derived_categories(facts, today))
    return Classification(derived, has_minor(facts, today), next_change_on(facts, today))


def in_public(categories: Collection[CareCategory]) -> tuple[CareCategoryCode, ...]:
    """Categories as others may know them, in a fixed order."""
    spoken = {
        CareCategoryCode.RESTRICTED if category in RESTRICTED else CareCategoryCode(category)
        for category in categories
    }
    return union(spoken)


def union(*spoken: Iterable[str]) -> tuple[CareCategoryCode, ...]:
    """All of them once, in a fixed order."""
    every = {code for codes in spoken for code in codes}
    return tuple(code for code in CareCategoryCode if code in every)
