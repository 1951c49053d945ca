"""All SQL about who an account is at the identity provider, and about sign-ins that came back from there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from contracts.area import AreaScope
from gateway.office.store.accounts import Account, by_id
from gateway.office.tables import account, identity, oidc_return


@dataclass(frozen=True)
class Identity:
    """One (issuer, subject) and the account it opens."""

    id: UUID
    account_id: UUID
    issuer: str
    subject: str
    linked_at: datetime


SHOWN = tuple(identity.c[name] for name in Identity.__dataclass_fields__)


def add(connection: sa.Connection, new: Identity) -> bool:
    """Whether the identity is new; False if it opens an account already."""
    added = insert(identity).values(**vars(new)).on_conflict_do_nothing().returning(identity.c.id)
    return connection.execute(added).first() is not None


def remove(connection: sa.Connection, identity_id: UUID, *, within: AreaScope) -> UUID | None:
    """Forget an identity; the account it opened, or None if there is none in the area."""
    theirs = sa.select(account.c.id).where(_in(within))
    gone = sa.delete(identity).where(identity.c.id == identity_id, identity.c.account_id.in_(theirs))
    return connection.scalar(gone.returning(identity.c.account_id))


def page(connection: sa.Connection, after: UUID | None, limit: int, *, within: AreaScope) -> Sequence[Identity]:
    """Identities of an area's accounts in the order they were linked, after this one."""
    asked = sa.select(*SHOWN).join_from(identity, account).where(_in(within))
    if after is not None:
        asked = asked.where(identity.c.id > after)
    return [_identity(row) for row in connection.execute(asked.order_by(identity.c.id).limit(limit))]


def account_of(connection: sa.Connection, issuer: str, subject: str, *, within: AreaScope) -> Account | None:
    """The active account that this identity opens."""
    asked = sa.select(identity.c.account_id).where(identity.c.issuer == issuer, identity.c.subject == subject)
    account_id = connection.scalar(asked)
    found = by_id(connection, account_id, within=within) if account_id else None
    return found if found and found.active else None


def came_back(connection: sa.Connection, state_digest: bytes, until: datetime, now: datetime) -> bool:
    """Whether this sign-in comes back for the first time. Remembered until it would have expired."""
    connection.execute(sa.delete(oidc_return).where(oidc_return.c.expires_at < now))
    first = insert(oidc_return).values(state_digest=state_digest, expires_at=until).on_conflict_do_nothing()
    return connection.execute(first.returning(oidc_return.c.state_digest)).first() is not None


def _in(area: AreaScope) -> sa.ColumnElement[bool]:
    return sa.and_(account.c.area_code >= area.code, account.c.area_code < area.upper)


def _identity(row: sa.Row[*tuple[Any, ...]]) -> Identity:
    return Identity(**{name: row._mapping[name] for name in Identity.__dataclass_fields__})
