"""Which care categories follow from the facts on a day, and when that will change by itself (H2)."""

import calendar
from collections.abc import Iterator
from datetime import date

from services.households.model import (
    HERE,
    CareCategory,
    HouseholdFacts,
    PersonFacts,
    Relation,
    ReturnExpected,
)

ELDERLY_FROM = 60
ADULT_FROM = 18
YOUNG_UNTIL = 16
LONG_MONTHS = 6

CHILDREN_OF = {
    Relation.HEAD: (Relation.CHILD,),
    Relation.SPOUSE: (Relation.CHILD,),
    Relation.PARENT: (Relation.HEAD,),
    Relation.CHILD: (Relation.GRANDCHILD,),
    Relation.CHILD_IN_LAW: (Relation.GRANDCHILD,),
}
PARENTS_OF = {
    Relation.CHILD: (Relation.HEAD, Relation.SPOUSE),
    Relation.HEAD: (Relation.PARENT,),
    Relation.GRANDCHILD: (Relation.CHILD, Relation.CHILD_IN_LAW),
}


def derived_categories(household: HouseholdFacts, on: date) -> frozenset[CareCategory]:
    """The categories that follow from the facts on a day; the others are only ever declared."""
    holds = {
        CareCategory.ELDERLY: any(is_elderly(member, on) for member in household.members),
        CareCategory.EMPTY_NEST: is_empty_nest(household, on),
        CareCategory.LEFT_BEHIND_CHILD: any(
            is_left_behind_child(member, household, on) for member in household.members
        ),
        CareCategory.LEFT_BEHIND_ELDER: any(
            is_left_behind_elder(member, household, on) for member in household.members
        ),
        CareCategory.MIGRANT: any(is_migrant(member, on) for member in household.members),
    }
    return frozenset(category for category, held in holds.items() if held)


def has_minor(household: HouseholdFacts, on: date) -> bool:
    """Whether somebody under 18 lives in the house."""
    return any(_is_under(member, ADULT_FROM, on) for member in household.members)


def next_change_on(household: HouseholdFacts, today: date) -> date | None:
    """The first later day on which a derived category, or `has_minor`, changes by the passage of time alone."""
    standing = _standing(household, today)
    later = sorted({day for day in _turning_days(household) if day > today})
    return next((day for day in later if _standing(household, day) != standing), None)


def contradicts_ages(declared: frozenset[CareCategory], household: HouseholdFacts, on: date) -> bool:
    """Whether an elder or a child is declared where the ages, all of them known, show none."""
    if any(member.born is None for member in household.members):
        return False
    elder_said = bool(declared & {CareCategory.ELDERLY, CareCategory.LEFT_BEHIND_ELDER})
    child_said = CareCategory.LEFT_BEHIND_CHILD in declared
    return (elder_said and not any(is_elderly(member, on) for member in household.members)) or (
        child_said and not any(_is_under(member, YOUNG_UNTIL, on) for member in household.members)
    )


def is_elderly(member: PersonFacts, on: date) -> bool:
    """Sixty or more."""
    return _is_at_least(member, ELDERLY_FROM, on)


def is_at_home(member: PersonFacts) -> bool:
    """Not away, and living in this county (where nothing is said of the place, this county is meant)."""
    return not member.away and member.home_county in (HERE, None)


def is_long_away(member: PersonFacts, on: date) -> bool:
    """Away for at least six months; without a beginning nobody is."""
    return member.away and member.away_since is not None and _lasted(member.away_since, on)


def is_empty_nest(household: HouseholdFacts, on: date) -> bool:
    """Only elders are at home, and every listed child of theirs is away without a day of return."""
    at_home = [member for member in household.members if is_at_home(member)]
    return (
        bool(at_home)
        and all(is_elderly(member, on) for member in at_home)
        and all(_has_left(child) for member in at_home for child in children_of(member, household))
    )


def is_left_behind_child(member: PersonFacts, household: HouseholdFacts, on: date) -> bool:
    """Under 16 and here, while every listed parent is long away."""
    parents = parents_of(member, household)
    return (
        _is_under(member, YOUNG_UNTIL, on)
        and not member.away
        and bool(parents)
        and all(is_long_away(parent, on) for parent in parents)
    )


def is_left_behind_elder(member: PersonFacts, household: HouseholdFacts, on: date) -> bool:
    """Sixty or more and here, while every listed grown child is long away."""
    if not is_elderly(member, on) or member.away:
        return False
    grown = [child for child in children_of(member, household) if _is_at_least(child, ADULT_FROM, on)]
    return bool(grown) and all(is_long_away(child, on) for child in grown)


def is_migrant(member: PersonFacts, on: date) -> bool:
    """Registered in one county and living in another for at least six months; work away plays no part."""
    if member.hukou_county is None or member.home_county is None or member.home_since is None:
        return False
    return not same_county(member.hukou_county, member.home_county) and _lasted(member.home_since, on)


def same_county(one: str, other: str) -> bool:
    """Whether two county keys mean one county: what both say, from the county upwards, agrees."""
    return all(
        mine == theirs for mine, theirs in zip(reversed(one.split("/")), reversed(other.split("/")), strict=False)
    )


def children_of(member: PersonFacts, household: HouseholdFacts) -> tuple[PersonFacts, ...]:
    """The listed children of a member; children-in-law are not counted."""
    return household.related(*CHILDREN_OF.get(member.relation, ()))


def parents_of(member: PersonFacts, household: HouseholdFacts) -> tuple[PersonFacts, ...]:
    """The listed parents of a member."""
    return household.related(*PARENTS_OF.get(member.relation, ()))


def age_on(born: date, on: date) -> int:
    """Whole years; a birthday on the day counts."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def birthday(born: date, age: int) -> date:
    """The day on which an age is reached; who was born on 29 February reaches it on 1 March of other years."""
    year = born.year + age
    if (born.month, born.day) == (2, 29) and not calendar.isleap(year):
        return date(year, 3, 1)
    return born.replace(year=year)


def months_later(day: date, months: int) -> date:
    """The same day so many calendar months on, or the month's last day where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _has_left(child: PersonFacts) -> bool:
    return child.away and child.return_expected is ReturnExpected.NONE


def _is_at_least(member: PersonFacts, age: int, on: date) -> bool:
    return member.born is not None and age_on(member.born, on) >= age


def _is_under(member: PersonFacts, age: int, on: date) -> bool:
    return member.born is not None and age_on(member.born, on) < age


def _lasted(since: date, on: date) -> bool:
    return months_later(since, LONG_MONTHS) <= on


def _standing(household: HouseholdFacts, on: date) -> tuple[frozenset[CareCategory], bool]:
    return derived_categories(household, on), has_minor(household, on)


def _turning_days(household: HouseholdFacts) -> Iterator[date]:
    """Every day on which some age or duration that a rule asks for is reached."""
    for member in household.members:
        if member.born is not None:
            yield from (birthday(member.born, age) for age in (YOUNG_UNTIL, ADULT_FROM, ELDERLY_FROM))
        for since in (member.away_since, member.home_since):
            if since is not None:
                yield months_later(since, LONG_MONTHS)
