"""Builders for pairing: helpers, households, problems, random rounds."""

from collections.abc import Sequence
from datetime import date
from random import Random
from uuid import UUID, uuid5

from hypothesis import strategies as st

from services.pairing.engine import Problem
from services.pairing.model import CareCategory, Helper, HelperKind, HouseholdCare, Load

TODAY = date(2026, 4, 15)
TOWNSHIP = "220283105"
VILLAGE, NEXT_VILLAGE, FAR_VILLAGE = "220283105001", "220283105002", "220283106001"
NAMESPACE = UUID("6f1f0f2e-5f6e-4f57-9b57-2f5d6a9d3c11")
CLEARED, LONG_AGO = date(2026, 1, 10), date(2024, 1, 10)


def id_of(number: str, salt: str = "") -> UUID:
    """An id that follows from a number, or another one for another salt."""
    return uuid5(NAMESPACE, salt + number)


def a_helper(
    number: str = "H0001",
    kind: HelperKind = HelperKind.VOLUNTEER,
    village_code: str = VILLAGE,
    capacity: int = 1,
    cleared_on: date | None = CLEARED,
    *,
    active: bool = True,
    successor_number: str | None = None,
    salt: str = "",
) -> Helper:
    return Helper(
        id=id_of(number, salt),
        number=number,
        kind=kind,
        village_code=village_code,
        capacity=capacity,
        cleared_on=cleared_on,
        active=active,
        successor_number=successor_number,
    )


def a_household(
    number: str = "F001",
    *categories: CareCategory,
    village_code: str = VILLAGE,
    has_minor: bool = False,
    consented: bool = True,
    enrolled: bool = True,
    refused: Sequence[UUID] = (),
    salt: str = "",
) -> HouseholdCare:
    return HouseholdCare(
        household_id=id_of(number, salt),
        number=number,
        village_code=village_code,
        has_minor=has_minor,
        categories=frozenset(categories),
        consented=consented,
        enrolled=enrolled,
        refused_helpers=frozenset(refused),
    )


def a_problem(
    households: Sequence[HouseholdCare],
    helpers: Sequence[Helper],
    loads: dict[UUID, Load] | None = None,
    current: dict[UUID, UUID] | None = None,
) -> Problem:
    return Problem(tuple(households), tuple(helpers), TODAY, loads or {}, current or {})


CATEGORIES = (
    (CareCategory.EMPTY_NEST,),
    (CareCategory.LEFT_BEHIND_CHILD, CareCategory.HARDSHIP),
    (CareCategory.HARDSHIP,),
    (CareCategory.RESTRICTED,),
    (CareCategory.MIGRANT,),
    (),
)


OFTEN_ALIKE = st.sampled_from((*[HelperKind.VOLUNTEER] * 9, *[HelperKind.NEIGHBOUR] * 3, *HelperKind))


@st.composite
def small_problems(draw: st.DrawFn, households: int = 4, helpers: int = 4) -> Problem:
    """Problems that can be solved by trying everything, with every rule at play."""
    villages = st.sampled_from((VILLAGE, VILLAGE, NEXT_VILLAGE, FAR_VILLAGE))
    those_helping = tuple(
        a_helper(
            f"H{index:04}",
            draw(OFTEN_ALIKE),
            draw(villages),
            draw(st.integers(1, 3)),
            draw(st.sampled_from((CLEARED, LONG_AGO, None))),
            active=draw(st.integers(0, 9)) > 0,
            successor_number=draw(st.sampled_from((None, "H0000", "H0001"))),
        )
        for index in range(draw(st.integers(1, helpers)))
    )
    anyone = st.sampled_from([helper.id for helper in those_helping])
    those_cared_for = tuple(
        a_household(
            f"F{index:03}",
            *draw(st.sampled_from(CATEGORIES)),
            village_code=draw(villages),
            has_minor=draw(st.booleans()),
            consented=draw(st.integers(0, 9)) > 0,
            enrolled=draw(st.integers(0, 9)) > 0,
            refused=[draw(anyone)] if draw(st.integers(0, 4)) == 0 else (),
        )
        for index in range(draw(st.integers(1, households)))
    )
    loads = {
        helper.id: Load(draw(st.integers(0, 2)), draw(st.sampled_from((None, None, 0, 1))))
        for helper in those_helping
    }
    known = [household for household in those_cared_for if draw(st.booleans())]
    current = {household.household_id: draw(anyone) for household in known}
    return a_problem(those_cared_for, those_helping, loads, current)


def a_round(
    households: int, helpers: int, townships: int = 1, seed: int = 1, *, salt: str = "", shuffled: bool = False
) -> Problem:
    """A random round of any size. Salt changes every id, `shuffled` the order, neither any number."""
    random = Random(seed)
    villages = [f"220283{100 + t:03}{v:03}" for t in range(townships) for v in range(1, 13)]
    those_helping = [
        a_helper(
            f"H{index:05}",
            random.choice(tuple(HelperKind)),
            random.choice(villages),
            random.randint(1, 3),
            random.choice((CLEARED, CLEARED, LONG_AGO)),
            salt=salt,
        )
        for index in range(helpers)
    ]
    those_cared_for = [
        a_household(
            f"F{index:05}",
            *random.choice(CATEGORIES),
            village_code=random.choice(villages),
            has_minor=random.random() < 0.3,
            consented=random.random() < 0.9,
            refused=[random.choice(those_helping).id] if random.random() < 0.02 else (),
            salt=salt,
        )
        for index in range(households)
    ]
    current = {
        household.household_id: random.choice(those_helping).id
        for household in those_cared_for
        if random.random() < 0.3
    }
    if shuffled:
        Random(seed + 1).shuffle(those_helping)
        Random(seed + 2).shuffle(those_cared_for)
    return a_problem(those_cared_for, those_helping, None, current)
