"""Each role may look at a person's data for its own purposes alone (law L5)."""

from uuid import UUID

import pytest

from chassis.access import refuse
from contracts.actor import OFFICERS, PURPOSES_OF, Actor, Purpose, Role
from contracts.gateway import GetEmergency
from contracts.households import GetHousehold, GetHouseholdContact, ListHouseholds
from contracts.messages import Query

SOMEBODY = UUID(int=7)
FILE = GetHousehold(household_id=SOMEBODY)
MAY = {
    Role.FAMILY_MEMBER: {"own_data", "consent"},
    Role.VILLAGE_WORKER: {"survey", "pairing", "visits", "consent"},
    Role.TOWNSHIP_OFFICER: {"survey", "pairing", "visits", "consent", "oversight"},
    Role.COUNTY_OFFICER: {"survey", "pairing", "visits", "consent", "oversight"},
    Role.AUDITOR: {"oversight"},
}


def somebody(*roles: Role, purpose: Purpose | None = None) -> Actor:
    return Actor(id="somebody", roles=frozenset(roles), area="990101", purpose=purpose, subject_id=SOMEBODY)


def purposes_that_open(query: Query, *roles: Role) -> set[str]:
    return {purpose for purpose in Purpose if refuse(query, somebody(*roles, purpose=purpose)) is None}


@pytest.mark.parametrize("role", Role)
def test_a_file_opens_for_the_purposes_of_the_role_and_for_no_other(role: Role) -> None:
    expected = set(Purpose) & FILE.spec.purposes if role is Role.SYSTEM else MAY.get(role, set())
    assert purposes_that_open(FILE, role) == expected
    assert refuse(FILE, somebody(role)) is not None, "nor without a purpose"


def test_a_role_that_may_not_ask_lends_its_purposes_to_nobody() -> None:
    assert purposes_that_open(FILE, Role.HELPER, Role.AUDITOR) == MAY[Role.AUDITOR]
    assert purposes_that_open(GetHouseholdContact(household_id=SOMEBODY), Role.COUNTY_OFFICER) == set()


def test_whoever_is_refused_is_told_what_they_may_look_for() -> None:
    refusal = refuse(FILE, somebody(Role.AUDITOR, purpose=Purpose.OWN_DATA))
    assert refusal is not None
    assert (refusal.code, refusal.more) == ("purpose-missing", {"purposes": ["oversight"]})


def test_a_list_without_persons_needs_no_purpose() -> None:
    assert refuse(ListHouseholds(), somebody(Role.VILLAGE_WORKER)) is None


def test_whoever_may_ask_for_a_file_has_a_purpose_for_it() -> None:
    assert all(PURPOSES_OF[role] & FILE.spec.purposes for role in FILE.spec.roles)


def in_emergency(*roles: Role, emergency: UUID | None = SOMEBODY) -> Actor:
    return somebody(*roles, purpose=Purpose.EMERGENCY).model_copy(update={"emergency": emergency})


@pytest.mark.parametrize("role", sorted(OFFICERS))
def test_an_emergency_opens_what_the_role_opens_otherwise_and_only_while_there_is_one(role: Role) -> None:
    assert refuse(FILE, in_emergency(role)) is None
    assert refuse(FILE, in_emergency(role, emergency=None)) is not None, "saying so alone opens nothing"


def test_an_emergency_opens_nothing_that_is_closed_to_the_role() -> None:
    assert refuse(FILE, in_emergency(Role.HELPER)) is not None
    assert refuse(GetHouseholdContact(household_id=SOMEBODY), in_emergency(Role.COUNTY_OFFICER)) is not None
    assert refuse(GetEmergency(emergency_id=SOMEBODY), in_emergency(Role.COUNTY_OFFICER)) is not None
