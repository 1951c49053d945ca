"""Who acts, in which role, for which area and for what purpose; it travels with every command."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.area import AreaScope


class Role(StrEnum):
    """The roles of requirement G2, and `system` for what a service does itself."""

    FAMILY_MEMBER = "family_member"
    VILLAGE_WORKER = "village_worker"
    HELPER = "helper"
    UNIT_OFFICER = "unit_officer"
    TOWNSHIP_OFFICER = "township_officer"
    COUNTY_OFFICER = "county_officer"
    WORKING_GROUP = "working_group"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    PARTNER = "partner"
    SYSTEM = "system"


class Purpose(StrEnum):
    """What a person's data may be looked at for; a read states one."""

    SURVEY = "survey"
    PAIRING = "pairing"
    VISITS = "visits"
    MESSAGES = "messages"
    CONSENT = "consent"
    OVERSIGHT = "oversight"
    OWN_DATA = "own_data"
    ADMINISTRATION = "administration"
    EMERGENCY = "emergency"


class Actor(BaseModel):
    """One who acts. `subject_id` is the helper or household that a helper or family member is.

    `on_behalf_of` is the account whose roles and area are used under a delegation; `assisted_by` the account of the worker
    beside a family member who acts themselves. `emergency` is why `area` may be seen for this one read (break-glass).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    roles: frozenset[Role]
    area: str
    purpose: Purpose | None = None
    subject_id: UUID | None = None
    on_behalf_of: str | None = None
    assisted_by: str | None = None
    emergency: UUID | None = None

    @classmethod
    def system(cls, service: str, county: str) -> Self:
        """What a service does itself: a reaction, a timer, a job."""
        return cls(id=f"system:{service}", roles=frozenset({Role.SYSTEM}), area=county)

    @property
    def scope(self) -> AreaScope:
        """The area that the actor may see, and all below it."""
        return AreaScope(self.area)

    @property
    def is_system(self) -> bool:
        """Whether a service acts rather than a person."""
        return Role.SYSTEM in self.roles

    @property
    def people(self) -> frozenset[str]:
        """The accounts of everybody who has a part in what the actor does."""
        return frozenset(filter(None, (self.id, self.on_behalf_of, self.assisted_by)))

    def has(self, *roles: Role) -> bool:
        """Whether the actor holds at least one of `roles`."""
        return not self.roles.isdisjoint(roles)


OFFICERS = frozenset({Role.VILLAGE_WORKER, Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER})
TOWNSHIP_AND_UP = frozenset({Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER})
EVERYBODY = frozenset(Role) - {Role.SYSTEM}

FIELDWORK = frozenset({Purpose.SURVEY, Purpose.PAIRING, Purpose.VISITS, Purpose.CONSENT})
PURPOSES_OF = {
    Role.FAMILY_MEMBER: frozenset({Purpose.OWN_DATA, Purpose.CONSENT}),
    Role.HELPER: frozenset({Purpose.VISITS}),
    Role.VILLAGE_WORKER: FIELDWORK,
    Role.TOWNSHIP_OFFICER: FIELDWORK | {Purpose.OVERSIGHT},
    Role.COUNTY_OFFICER: FIELDWORK | {Purpose.OVERSIGHT},
    Role.WORKING_GROUP: frozenset({Purpose.OVERSIGHT}),
    Role.AUDITOR: frozenset({Purpose.OVERSIGHT}),
    Role.SYSTEM: frozenset(Purpose),
}
"""What each role may look at a person's data for; who is not named may for nothing."""


def purposes_of(roles: Iterable[Role]) -> frozenset[Purpose]:
    """What somebody who holds these roles may look at a person's data for."""
    return frozenset().union(*(PURPOSES_OF.get(role, frozenset()) for role in roles))
