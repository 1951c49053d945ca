"""Whether one of these people stands in for one of those: all that two-person matters ask about delegations."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from gateway.office.tables import delegation


def between(connection: sa.Connection, some: Iterable[str], others: Iterable[str], today: date) -> bool:
    """Whether a delegation is in force from one side to the other, either way."""
    here, there = _accounts(some), _accounts(others)
    forth = delegation.c.from_id.in_(here) & delegation.c.to_id.in_(there)
    back = delegation.c.from_id.in_(there) & delegation.c.to_id.in_(here)
    in_force = (
        delegation.c.ended_at.is_(None),
        delegation.c.first_day <= today,
        delegation.c.last_day >= today,
    )
    return bool(connection.scalar(sa.select(sa.exists().where(forth | back, *in_force))))


def _accounts(people: Iterable[str]) -> list[UUID]:
    """Those that are accounts; the console and the services themselves are none."""
    found = []
    for person in people:
        try:
            found.append(UUID(person))
        except ValueError:
            continue
    return found
