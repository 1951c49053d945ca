"""All SQL about sessions: opened, used, listed, ended. A session belongs to its account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as UUID_

from gateway.office.store import accounts
from gateway.office.store.accounts import SHOWN, Account
from gateway.office.tables import account, session

IDLE_END = timedelta(minutes=30)
SEEN_EVERY = timedelta(minutes=1)
MOST_LISTED = 100


class Origin(StrEnum):
    """How somebody signed in."""

    PASSWORD = "password"  # noqa: S105 - a word, not a secret
    CODE = "code"
    CARD = "card"
    ASSISTED = "assisted"
    PROVIDER = "provider"


class Stage(StrEnum):
    """What a session may be used for: everything, or only the step that its name says."""

    OPEN = "open"
    SECOND_STEP = "second_step"
    ENROLMENT = "enrolment"


@dataclass(frozen=True)
class Session:
    """One sign-in of one account. `second_factor`: more than a password was shown."""

    jti: UUID
    account_id: UUID
    issued_at: datetime
    expires_at: datetime
    origin: Origin = Origin.PASSWORD
    stage: Stage = Stage.OPEN
    second_factor: bool = False
    assisted_by: UUID | None = None


COLUMNS = tuple(session.c[name].label(f"session_{name}") for name in Session.__dataclass_fields__)
helping = account.alias()
HOLDERS = (
    sa.select(*SHOWN, *COLUMNS, session.c.seen_at)
    .join_from(session, account, session.c.account_id == account.c.id)
    .outerjoin(helping, session.c.assisted_by == helping.c.id)
    .where(
        session.c.jti == sa.any_(sa.bindparam("of", type_=ARRAY(UUID_))),
        session.c.ended_at.is_(None),
        session.c.expires_at > sa.bindparam("now"),
        session.c.seen_at > sa.bindparam("lately"),
        account.c.active,
        session.c.assisted_by.is_(None) | helping.c.active,
    )
)
"""Made once: every request's way leads over it."""


def open_session(connection: sa.Connection, new: Session) -> None:
    """Somebody signed in. Once all is proved that is asked of them, attempts that failed before are forgotten."""
    if new.stage is Stage.OPEN and new.origin is not Origin.ASSISTED:
        accounts.forget_attempts(connection, new.account_id)
    connection.execute(sa.insert(session).values(**vars(new), seen_at=new.issued_at))


@dataclass(frozen=True)
class Asked:
    """Whether this session of this account can be used now."""

    jti: UUID
    account_id: UUID
    now: datetime


def holders(connection: sa.Connection, asked: Sequence[Asked]) -> list[tuple[Account, Session] | None]:
    """For each: whose session this is, if it is open, was used lately, and its account and whoever assists are active."""
    now = max(one.now for one in asked)
    known = {"of": [one.jti for one in asked], "now": now, "lately": now - IDLE_END}
    rows = {row.session_jti: row for row in connection.execute(HOLDERS, known)}
    stale = sorted(jti for jti, row in rows.items() if row.seen_at < now - SEEN_EVERY)
    if stale:
        connection.execute(sa.update(session).where(session.c.jti.in_(stale)).values(seen_at=now))
    return [_held(rows.get(one.jti), one.account_id) for one in asked]


def _held(row: sa.Row[*tuple[Any, ...]] | None, account_id: UUID) -> tuple[Account, Session] | None:
    if row is None or row.session_account_id != account_id:
        return None
    return accounts.account_of(row), _session(row)


def usable(connection: sa.Connection, account_id: UUID, now: datetime) -> Sequence[tuple[Session, datetime]]:
    """An account's sessions that can still be used, with when each was last used; the newest first."""
    rows = connection.execute(
        sa.select(*COLUMNS, session.c.seen_at)
        .where(session.c.account_id == account_id, _usable(now))
        .order_by(session.c.issued_at.desc())
        .limit(MOST_LISTED)
    )
    return [(_session(row), row.seen_at) for row in rows]


def end_session(connection: sa.Connection, jti: UUID, account_id: UUID, now: datetime) -> bool:
    """Nobody uses this session of this account again; False if it was over, or is no session of it."""
    ended = connection.execute(
        sa.update(session)
        .where(session.c.jti == jti, session.c.account_id == account_id, session.c.ended_at.is_(None))
        .values(ended_at=now)
    )
    return bool(ended.rowcount)


def end_others(connection: sa.Connection, account_id: UUID, but: UUID, now: datetime) -> None:
    """Nobody uses this account's sessions again, except one; nor those in which it assists."""
    connection.execute(
        sa.update(session)
        .where(session.c.account_id == account_id, session.c.jti != but, session.c.ended_at.is_(None))
        .values(ended_at=now)
    )
    end_assisted(connection, account_id, now)


def end_assisted(connection: sa.Connection, account_id: UUID, now: datetime) -> None:
    """Nobody uses the sessions again in which this account assists: whoever was beside the family has gone."""
    connection.execute(
        sa.update(session)
        .where(session.c.assisted_by == account_id, session.c.ended_at.is_(None))
        .values(ended_at=now)
    )


def purge(connection: sa.Connection, before: datetime) -> int:
    """Forget sessions whose tokens expired before this; how many."""
    return connection.execute(sa.delete(session).where(session.c.expires_at < before)).rowcount


def _usable(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(session.c.ended_at.is_(None), session.c.expires_at > now, session.c.seen_at > now - IDLE_END)


def _session(row: sa.Row[*tuple[Any, ...]]) -> Session:
    found = {name: row._mapping[f"session_{name}"] for name in Session.__dataclass_fields__}
    return Session(**{**found, "origin": Origin(found["origin"]), "stage": Stage(found["stage"])})
