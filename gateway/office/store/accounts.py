"""All SQL about accounts and their sessions. Accounts are listed within an area; a session belongs to its account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from contracts.area import AreaScope
from gateway.office.tables import account, session

FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
IDLE_END = timedelta(minutes=30)
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in."""

    id: UUID
    username: str
    roles: tuple[str, ...]
    area_code: str
    subject_id: UUID | None
    active: bool


SHOWN = (
    account.c.id,
    account.c.username,
    account.c.roles,
    account.c.area_code,
    account.c.subject_id,
    account.c.active,
)


def add(connection: sa.Connection, new: Account, password_hash: str) -> bool:
    """Whether the account is new; False if its name is taken."""
    values = {**vars(new), "roles": list(new.roles), "password_hash": password_hash}
    added = insert(account).values(**values).on_conflict_do_nothing(index_elements=[account.c.username])
    return connection.execute(added.returning(account.c.id)).first() is not None


def by_name(connection: sa.Connection, username: str) -> Account | None:
    """The account of this name."""
    row = connection.execute(sa.select(*SHOWN).where(account.c.username == username)).first()
    return _account(row) if row else None


def by_id(connection: sa.Connection, account_id: UUID, *, within: AreaScope) -> Account | None:
    """The account of this id in an area."""
    asked = sa.select(*SHOWN).where(
        account.c.id == account_id, account.c.area_code >= within.code, account.c.area_code < within.upper
    )
    row = connection.execute(asked).first()
    return _account(row) if row else None


def page(connection: sa.Connection, after: UUID | None, limit: int, *, within: AreaScope) -> Sequence[Account]:
    """Accounts of an area in the order they were made, after this one."""
    asked = sa.select(*SHOWN).where(account.c.area_code >= within.code, account.c.area_code < within.upper)
    if after is not None:
        asked = asked.where(account.c.id > after)
    return [_account(row) for row in connection.execute(asked.order_by(account.c.id).limit(limit))]


def deactivate(connection: sa.Connection, account_id: UUID, now: datetime, *, within: AreaScope) -> bool:
    """Close an account and end its sessions; False if there is none in the area."""
    closed = connection.execute(
        sa.update(account)
        .where(account.c.id == account_id, account.c.area_code >= within.code, account.c.area_code < within.upper)
        .values(active=False, version=account.c.version + 1)
    )
    if not closed.rowcount:
        return False
    end_sessions(connection, account_id, now)
    return True


def count_attempt(connection: sa.Connection, username: str, now: datetime) -> tuple[Account, str] | None:
    """Count a sign-in before its password is looked at; None if there is no such account or it is locked.

    Counting first means that attempts made at the same moment cannot get past the lock.
    """
    over = account.c.locked_until <= now
    attempts = sa.case((over, 1), else_=account.c.attempts + 1)
    locks = sa.case((over, None), (account.c.attempts + 1 >= FAILURES, now + LOCKED_FOR), else_=None)
    row = connection.execute(
        sa.update(account)
        .where(account.c.username == username, account.c.active, account.c.locked_until.is_(None) | over)
        .values(attempts=attempts, locked_until=locks)
        .returning(*SHOWN, account.c.password_hash)
    ).first()
    return (_account(row), row.password_hash) if row else None


def open_session(connection: sa.Connection, jti: UUID, account_id: UUID, now: datetime, until: datetime) -> None:
    """A sign-in succeeded: forget the attempts before it."""
    connection.execute(sa.update(account).where(account.c.id == account_id).values(attempts=0, locked_until=None))
    connection.execute(
        sa.insert(session).values(jti=jti, account_id=account_id, issued_at=now, expires_at=until, seen_at=now)
    )


def holder(connection: sa.Connection, jti: UUID, account_id: UUID, now: datetime) -> Account | None:
    """Whose session this is, if it is open, was used lately and its account is active."""
    row = connection.execute(
        sa.select(*SHOWN, session.c.seen_at)
        .join_from(session, account)
        .where(
            session.c.jti == jti,
            session.c.account_id == account_id,
            session.c.ended_at.is_(None),
            session.c.expires_at > now,
            session.c.seen_at > now - IDLE_END,
            account.c.active,
        )
    ).first()
    if row is None:
        return None
    if row.seen_at < now - SEEN_EVERY:
        connection.execute(sa.update(session).where(session.c.jti == jti).values(seen_at=now))
    return _account(row)


def end_session(connection: sa.Connection, jti: UUID, now: datetime) -> None:
    """Nobody uses this session again."""
    connection.execute(
        sa.update(session).where(session.c.jti == jti, session.c.ended_at.is_(None)).values(ended_at=now)
    )


def end_sessions(connection: sa.Connection, account_id: UUID, now: datetime) -> None:
    """End all sessions of an account."""
    connection.execute(
        sa.update(session)
        .where(session.c.account_id == account_id, session.c.ended_at.is_(None))
        .values(ended_at=now)
    )


def purge_sessions(connection: sa.Connection, before: datetime) -> int:
    """Forget sessions whose tokens expired before this; how many."""
    return connection.execute(sa.delete(session).where(session.c.expires_at < before)).rowcount


def _account(row: sa.Row[*tuple[Any, ...]]) -> Account:
    found = row._mapping
    return Account(
        found["id"],
        found["username"],
        tuple(found["roles"]),
        found["area_code"],
        found["subject_id"],
        found["active"],
    )
