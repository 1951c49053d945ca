"""Take a passing installation off shared servers again."""

import sqlalchemy as sa
from kombu import Connection

from chassis import topology
from chassis.namespace import Namespace
from chassis.settings import Settings
from kith.registry import CONSUMERS, MIGRATIONS


def clear(settings: Settings) -> None:
    """Drop its queues, exchanges, databases and roles. Only ever called for a namespace the caller made up."""
    names = Namespace(settings.namespace)
    with Connection(settings.broker_url.get_secret_value()) as connection:
        topology.remove(connection, names, CONSUMERS)
    engine = sa.create_engine(settings.database_url.get_secret_value(), isolation_level="AUTOCOMMIT")
    with engine.connect() as admin:
        for database in MIGRATIONS:
            admin.exec_driver_sql(f'drop database if exists "{names.database(database)}" with (force)')
        for role in (names.app_role, names.owner_role):
            admin.exec_driver_sql(f'drop role if exists "{role}"')
    engine.dispose()
