"""All SQL about delegations: who stands in for whom, in which roles and area, from when until when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from gateway.office.tables import account, delegation

MOST_LISTED = 200


@dataclass(frozen=True)
class Delegation:
    """`to_id` may act with these roles in this area for `from_id`, on these days."""

    id: UUID
    from_id: UUID
    to_id: UUID
    roles: tuple[str, ...]
    area_code: str
    first_day: date
    last_day: date
    ended_at: datetime | None = None


COLUMNS = tuple(delegation.c[name] for name in Delegation.__dataclass_fields__)


def add(connection: sa.Connection, new: Delegation) -> None:
    """It stands from its first day."""
    connection.execute(sa.insert(delegation).values(**{**vars(new), "roles": list(new.roles)}))


def acting(connection: sa.Connection, delegation_id: UUID, to_id: UUID, today: date) -> Delegation | None:
    """A delegation to this account that holds today; None as well if whoever gave it was closed or has less now."""
    row = connection.execute(_in_force(to_id, today).where(delegation.c.id == delegation_id)).first()
    return _delegation(row) if row else None


def still_acting(
    connection: sa.Connection, from_id: UUID, to_id: UUID, roles: Collection[str], area: str, today: date
) -> bool:
    """Whether `to_id` may act today for `from_id` in one of these roles and in all of this area."""
    held = _in_force(to_id, today).where(
        delegation.c.from_id == from_id,
        delegation.c.roles.overlap(list(roles)),
        sa.func.starts_with(area, delegation.c.area_code),
    )
    return bool(connection.scalar(sa.select(held.exists())))


def _in_force(to_id: UUID, today: date) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(*COLUMNS)
        .join_from(delegation, account, delegation.c.from_id == account.c.id)
        .where(
            delegation.c.to_id == to_id,
            delegation.c.ended_at.is_(None),
            delegation.c.first_day <= today,
            delegation.c.last_day >= today,
            account.c.active,
            account.c.roles.contains(delegation.c.roles),
            sa.func.starts_with(delegation.c.area_code, account.c.area_code),
        )
    )


def of(connection: sa.Connection, account_id: UUID) -> Sequence[Delegation]:
    """Those that an account gave and was given, the newest first."""
    mine = (delegation.c.from_id == account_id) | (delegation.c.to_id == account_id)
    asked = sa.select(*COLUMNS).where(mine).order_by(delegation.c.id.desc()).limit(MOST_LISTED)
    return [_delegation(row) for row in connection.execute(asked)]


def roles_given(connection: sa.Connection, to_id: UUID, today: date) -> set[str]:
    """Every role in which an account stands in for somebody, today or later."""
    asked = sa.select(sa.func.unnest(delegation.c.roles)).where(
        delegation.c.to_id == to_id, delegation.c.ended_at.is_(None), delegation.c.last_day >= today
    )
    return set(connection.scalars(asked))


def end(connection: sa.Connection, delegation_id: UUID, by: UUID, now: datetime) -> bool:
    """Either side ends it; False if it is over, or is between others."""
    ended = connection.execute(
        sa.update(delegation)
        .where(
            delegation.c.id == delegation_id,
            (delegation.c.from_id == by) | (delegation.c.to_id == by),
            delegation.c.ended_at.is_(None),
        )
        .values(ended_at=now, ended_by=by)
    )
    return bool(ended.rowcount)


def _delegation(row: sa.Row[*tuple[Any, ...]]) -> Delegation:
    found = dict(row._mapping)
    return Delegation(**{**found, "roles": tuple(found["roles"])})
