"""Who may sign in: accounts made by an operator, through HTTP or the `kith` command."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, SecretStr, StringConstraints

from chassis import audit
from chassis.clock import Clock
from chassis.database import Database
from chassis.ids import new_id
from contracts.actor import Actor, Role
from contracts.area import AreaCode
from contracts.messages import Message
from contracts.refusals import NOT_FOUND, OUT_OF_AREA, Refused
from gateway.api import account_store, passwords
from gateway.api.refusals import ROLE_NOT_GIVEN, ROLES_EXCLUDE, SUBJECT_MISSING, USERNAME_TAKEN

COUNTY_DIGITS = 6
FOR_SOMEBODY = frozenset({Role.FAMILY_MEMBER, Role.HELPER})
EXCLUDING = frozenset({Role.OPERATOR, Role.AUDITOR})
Username = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{2,63}$")]
Password = Annotated[SecretStr, Field(min_length=12, max_length=200)]


class NewAccount(Message):
    """An account to be. `subject_id` is the helper or household that a helper or family member is."""

    username: Username
    password: Password
    roles: Annotated[frozenset[Role], Field(min_length=1)]
    area_code: AreaCode
    subject_id: UUID | None = None


def create_account(database: Database, clock: Clock, new: NewAccount, by: Actor | None = None) -> UUID:
    """Make an account and put on record who did; its id. Refused if its name is taken or its roles do not go."""
    password_hash = passwords.hashed(new.password.get_secret_value())
    with database.begin() as connection:
        return add_account(connection, clock.now(), new, password_hash, by or console(new.area_code))


def ensure_account(database: Database, clock: Clock, new: NewAccount, by: Actor | None = None) -> UUID:
    """The id of the account of this name, made if it is missing; an account that is there stays as it is."""
    with database.begin() as connection:
        found = account_store.by_name(connection, new.username)
    return found.id if found else create_account(database, clock, new, by)


def console(area: str) -> Actor:
    """Whoever runs the `kith` command."""
    return Actor.system("console", area[:COUNTY_DIGITS])


def add_account(connection: sa.Connection, now: datetime, new: NewAccount, password_hash: str, by: Actor) -> UUID:
    """The same within a transaction, with the password hashed already."""
    _check(new, by)
    account = account_store.Account(
        new_id(), new.username, tuple(sorted(new.roles)), new.area_code, new.subject_id, active=True
    )
    if not account_store.add(connection, account, password_hash):
        raise Refused(USERNAME_TAKEN)
    _record(connection, by, now, "account.create", account.id)
    return account.id


def close_account(connection: sa.Connection, now: datetime, account_id: UUID, by: Actor) -> None:
    """Close an account in the actor's area; its sessions end at once."""
    if not account_store.deactivate(connection, account_id, now, within=by.scope):
        raise Refused(NOT_FOUND)
    _record(connection, by, now, "account.close", account_id)


def _check(new: NewAccount, by: Actor) -> None:
    if Role.SYSTEM in new.roles:
        raise Refused(ROLE_NOT_GIVEN)
    if new.roles >= EXCLUDING:
        raise Refused(ROLES_EXCLUDE)
    if new.subject_id is None and new.roles & FOR_SOMEBODY:
        raise Refused(SUBJECT_MISSING)
    if not by.scope.covers(new.area_code):
        raise Refused(OUT_OF_AREA.at("/area_code"))


def _record(connection: sa.Connection, by: Actor, now: datetime, what: str, about: UUID) -> None:
    audit.append(connection, [audit.Entry.by(by, now, what, about=str(about), outcome="done", decision=None)])
