"""Whether a service's migrations make the tables that its code speaks of."""

from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from chassis import schema
from chassis.addresses import owner_url
from chassis.settings import Settings

OF_THE_CHASSIS = {*schema.metadata.tables, "alembic_version"}


def differences(settings: Settings, service: str, metadata: sa.MetaData) -> list[Any]:
    """What alembic would still have to change in the service's own tables."""
    engine = sa.create_engine(owner_url(settings, service))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_object": lambda thing, name, kind, *_: not _of_the_chassis(thing, name, kind),
            },
        )
        found = list(compare_metadata(context, metadata))
    engine.dispose()
    return found


def _of_the_chassis(thing: Any, name: str | None, kind: str) -> bool:
    """A table that every database has, or a month of its outbox with what hangs on it."""
    table = name if kind == "table" else thing.table.name
    return table in OF_THE_CHASSIS or str(table).startswith("outbox_y")


def tables_without_scope(settings: Settings, service: str, metadata: sa.MetaData) -> set[str]:
    """Tables with an area code whose rows are not held to it."""
    engine = sa.create_engine(owner_url(settings, service))
    with engine.connect() as connection:
        forced = set(connection.scalars(sa.text("select relname from pg_class where relforcerowsecurity")))
    engine.dispose()
    return {name for name, table in metadata.tables.items() if "area_code" in table.c} - forced
