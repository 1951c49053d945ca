"""Bring an installation's databases to the newest state: roles, databases, migrations, presets."""

import hmac

import sqlalchemy as sa

from chassis import migrating
from chassis.addresses import app_url
from chassis.database import Database
from chassis.keys import Keys
from chassis.runtime import Runtime
from chassis.schema import installation
from chassis.settings import Settings
from chassis.surroundings import PeerAway
from chassis.work import transact
from contracts.actor import Actor
from contracts.messages import Query, View
from kith.refusing import BadInput
from kith.registry import MIGRATIONS, SERVICES


class NoPeers:
    """While installing, nobody else runs yet."""

    def ask(self, query: Query, actor: Actor, traceparent: str | None) -> View:
        """Always PeerAway."""
        raise PeerAway(query.spec.name)


def install(settings: Settings) -> None:
    """Make what is missing and migrate; running it again changes nothing.

    Raises BadInput if the databases were filled under another secret: nothing in them could be read.
    """
    keys = Keys.of(settings)
    migrating.create(settings, MIGRATIONS)
    for database, folder in MIGRATIONS.items():
        migrating.upgrade(settings, database, folder)
        _hold_to_secret(settings, database, keys.key("secret-check"))
    for service in SERVICES.values():
        runtime = Runtime.of(service, settings, NoPeers(), pool_size=1)
        for preset in service.on_start:
            transact(runtime, runtime.system, preset)
        runtime.database.close()


def _hold_to_secret(settings: Settings, name: str, check: bytes) -> None:
    database = Database(app_url(settings, name), pool_size=1)
    with database.begin() as connection:
        known = connection.scalar(sa.select(installation.c.secret_check))
        if known is None:
            connection.execute(sa.insert(installation).values(secret_check=check))
        elif not hmac.compare_digest(bytes(known), check):
            raise BadInput(
                f"the databases of namespace {settings.namespace!r} were filled under another KITH_SECRET; "
                "set that secret, or another KITH_NAMESPACE to begin anew"
            )
    database.close()
