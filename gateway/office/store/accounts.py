"""All SQL about accounts: who may sign in, and how often they may try."""

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
    return account_of(row) if row else None


def by_id(connection: sa.Connection, account_id: UUID, *, within: AreaScope) -> Account | None:
    """The account of this id in an area."""
    asked = sa.select(*SHOWN).where(
        account.c.id == account_id, account.c.area_code >= within.code, account.c.area_code < within.upper
    )
    row = connection.execute(asked).first()
    return account_of(row) if row else None


def lock(connection: sa.Connection, account_id: UUID) -> None:
    """Whoever else locks this account waits until the transaction is over."""
    connection.execute(sa.select(account.c.id).where(account.c.id == account_id).with_for_update())


def page(connection: sa.Connection, after: UUID | None, limit: int, *, within: AreaScope) -> Sequence[Account]:
    """Accounts of an area in the order they were made, after this one."""
    asked = sa.select(*SHOWN).where(account.c.area_code >= within.code, account.c.area_code < within.upper)
    if after is not None:
        asked = asked.where(account.c.id > after)
    return [account_of(row) for row in connection.execute(asked.order_by(account.c.id).limit(limit))]


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
    return _count(connection, account.c.username == username, now)


def count_attempt_of(connection: sa.Connection, account_id: UUID, now: datetime) -> tuple[Account, str] | None:
    """The same for an account that is known: its second step, its card, its password asked again."""
    return _count(connection, account.c.id == account_id, now)


def _count(connection: sa.Connection, whose: sa.ColumnElement[bool], now: datetime) -> tuple[Account, str] | None:
    over = account.c.locked_until <= now
    attempts = sa.case((over, 1), else_=account.c.attempts + 1)
    locks = sa.case((over, None), (account.c.attempts + 1 >= FAILURES, now + LOCKED_FOR), else_=None)
    row = connection.execute(
        sa.update(account)
        .where(whose, account.c.active, account.c.locked_until.is_(None) | over)
        .values(attempts=attempts, locked_until=locks)
        .returning(*SHOWN, account.c.password_hash)
    ).first()
    return (account_of(row), row.password_hash) if row else None


def forget_attempts(connection: sa.Connection, account_id: UUID) -> None:
    """Somebody proved all that is asked of them: what failed before does not count any more."""
    connection.execute(sa.update(account).where(account.c.id == account_id).values(attempts=0, locked_until=None))


def uncount_attempt(connection: sa.Connection, account_id: UUID) -> None:
    """This one attempt was right, but more is asked: it is no failure, and those before it still count."""
    fewer = sa.func.greatest(account.c.attempts - 1, 0)
    connection.execute(
        sa.update(account).where(account.c.id == account_id).values(attempts=fewer, locked_until=None)
    )


def set_password(connection: sa.Connection, account_id: UUID, password_hash: str) -> None:
    """The password that counts from now on."""
    connection.execute(
        sa.update(account)
        .where(account.c.id == account_id)
        .values(password_hash=password_hash, version=account.c.version + 1)
    )


def end_sessions(connection: sa.Connection, account_id: UUID, now: datetime) -> None:
    """End all sessions of an account, and those in which it assists."""
    theirs = (session.c.account_id == account_id) | (session.c.assisted_by == account_id)
    connection.execute(sa.update(session).where(theirs, session.c.ended_at.is_(None)).values(ended_at=now))


def account_of(row: sa.Row[*tuple[Any, ...]]) -> Account:
    """The account in a row that has its columns."""
    found = row._mapping
    return Account(
        found["id"],
        found["username"],
        tuple(found["roles"]),
        found["area_code"],
        found["subject_id"],
        found["active"],
    )
