"""The office at work in this process: for the front door, and for the `kith` command."""

from uuid import UUID

from chassis.addresses import app_url
from chassis.clock import Clock
from chassis.database import Database
from chassis.files import Files
from chassis.keys import Keys
from chassis.runtime import Runtime
from chassis.settings import Settings
from chassis.surroundings import PeerAway
from chassis.work import Work, transact
from contracts.actor import Actor
from contracts.gateway import CreateAccount
from contracts.messages import Created, Query, View
from contracts.refusals import Refusal, Refused
from gateway.office import usecases
from gateway.office.service import OFFICE
from gateway.office.store import accounts, factors


class _NoPeers:
    def ask(self, query: Query, actor: Actor, traceparent: str | None) -> View:
        raise PeerAway("the office asks nobody")


def runtime(settings: Settings, database: Database) -> Runtime:
    """The office over this database."""
    keys = Keys.of(settings)
    return Runtime(
        name=OFFICE.name,
        settings=settings,
        clock=Clock.of(settings),
        database=database,
        keys=keys,
        files=Files(settings.files, keys.key("files")),
        peers=_NoPeers(),
        service=OFFICE,
    )


def create_account(settings: Settings, new: CreateAccount) -> UUID:
    """Make an account from the console and put that on record; its id. Refused if it may not be."""
    database = Database(app_url(settings, OFFICE.name), pool_size=1)
    try:
        return transact(runtime(settings, database), _console(settings), lambda work: _made(work, new).id)
    finally:
        database.close()


def reset_second_factor(settings: Settings, username: str) -> bool:
    """Take somebody's second factor away from the console and put that on record; False if they have none."""
    database = Database(app_url(settings, OFFICE.name), pool_size=1)

    def reset(work: Work) -> bool:
        found = accounts.by_name(work.connection, username)
        if found is None or not factors.forget(work.connection, found.id):
            return False
        accounts.end_sessions(work.connection, found.id, work.now)
        work.audit("gateway.reset_second_factor", about=found.id)
        return True

    try:
        return transact(runtime(settings, database), _console(settings), reset)
    finally:
        database.close()


def ensure_account(settings: Settings, new: CreateAccount) -> UUID:
    """The id of the account of this name, made if it is missing; an account that is there stays as it is."""
    database = Database(app_url(settings, OFFICE.name), pool_size=1)
    try:
        with database.begin() as connection:
            found = accounts.by_name(connection, new.username)
    finally:
        database.close()
    return found.id if found else create_account(settings, new)


def _made(work: Work, new: CreateAccount) -> Created:
    made = usecases.create_account(work, new)
    if isinstance(made, Refusal):
        raise Refused(made)
    work.audit("gateway.create_account", about=made.id)
    return made


def _console(settings: Settings) -> Actor:
    return Actor.system("console", settings.county)
