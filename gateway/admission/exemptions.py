"""Exemptions: one rule set aside for an area, or for one thing, until a day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from contracts.area import AreaScope

LONGEST_DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class Exemption:
    """Holds through the day `until` for changes in `area`; with `entity` only for those that name this id."""

    id: UUID
    rule: str
    area: str
    entity: UUID | None
    until: date

    def covers(self, area: str, named: frozenset[str], today: date) -> bool:
        """Whether a change in `area` that names these ids is exempted today."""
        if today > self.until or not AreaScope(self.area).covers(area):
            return False
        return self.entity is None or str(self.entity) in named


def exempting(
    exemptions: Iterable[Exemption], body: Mapping[str, Any], actor_area: str, today: date
) -> dict[str, UUID]:
    """Rule -> the exemption under which it is set aside for this change.

    A change lies in the area that its body names; one that names none in that of its actor.
    """
    named = frozenset(value for value in body.values() if isinstance(value, str))
    said = body.get("area_code")
    area = said if isinstance(said, str) else actor_area
    return {one.rule: one.id for one in exemptions if one.covers(area, named, today)}
