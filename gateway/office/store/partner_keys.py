"""All SQL about keys of partners."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.area import AreaScope
from gateway.office.tables import account, partner_key

USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class PartnerKey:
    """A key without its secret."""

    id: UUID
    account_id: UUID
    prefix: str
    scopes: tuple[str, ...]
    area_code: str
    valid_until: date
    made_at: datetime
    used_at: datetime | None = None
    ends_at: datetime | None = None

    def counts(self, today: date, now: datetime) -> bool:
        """Whether it may still be used."""
        return today <= self.valid_until and (self.ends_at is None or now < self.ends_at)


SHOWN = tuple(partner_key.c[name] for name in PartnerKey.__dataclass_fields__)


def add(connection: sa.Connection, new: PartnerKey, digest: bytes) -> None:
    """Keep a key that was just made."""
    connection.execute(sa.insert(partner_key).values(**{**vars(new), "scopes": sorted(new.scopes)}, digest=digest))


@dataclass(frozen=True)
class Held:
    """A key with what proves it and the roles of the account that holds it."""

    key: PartnerKey
    digest: bytes
    roles: frozenset[str]


def by_prefix(connection: sa.Connection, prefix: str) -> Held | None:
    """The key of this prefix, if its account is active."""
    asked = (
        sa.select(*SHOWN, partner_key.c.digest, account.c.roles)
        .join_from(partner_key, account)
        .where(partner_key.c.prefix == prefix, account.c.active)
    )
    row = connection.execute(asked).first()
    return Held(_key(row), bytes(row.digest), frozenset(row.roles)) if row else None


def used(connection: sa.Connection, key: PartnerKey, now: datetime) -> None:
    """Note that it was used, at most once a minute."""
    if key.used_at is None or key.used_at < now - USED_EVERY:
        connection.execute(sa.update(partner_key).where(partner_key.c.id == key.id).values(used_at=now))


def one(connection: sa.Connection, key_id: UUID, *, within: AreaScope) -> PartnerKey | None:
    """The key of this id in an area, locked."""
    asked = sa.select(*SHOWN).where(partner_key.c.id == key_id, _in(within))
    row = connection.execute(asked.with_for_update()).first()
    return _key(row) if row else None


def end(connection: sa.Connection, key: PartnerKey, at: datetime) -> None:
    """It counts no longer from then on; never later than was said before."""
    ends = sa.func.least(sa.func.coalesce(partner_key.c.ends_at, at), at)
    connection.execute(sa.update(partner_key).where(partner_key.c.id == key.id).values(ends_at=ends))


def page(connection: sa.Connection, after: UUID | None, limit: int, *, within: AreaScope) -> Sequence[PartnerKey]:
    """Keys of an area in the order they were made, after this one."""
    asked = sa.select(*SHOWN).where(_in(within))
    if after is not None:
        asked = asked.where(partner_key.c.id > after)
    return [_key(row) for row in connection.execute(asked.order_by(partner_key.c.id).limit(limit))]


def _in(area: AreaScope) -> sa.ColumnElement[bool]:
    return sa.and_(partner_key.c.area_code >= area.code, partner_key.c.area_code < area.upper)


def _key(row: sa.Row[*tuple[Any, ...]]) -> PartnerKey:
    found = {name: row._mapping[name] for name in PartnerKey.__dataclass_fields__}
    return PartnerKey(**{**found, "scopes": tuple(found["scopes"])})
