"""Databases, the two roles, and alembic run from code: what `kith ops migrate` does."""

from collections.abc import Iterable
from pathlib import Path

import alembic.command
import alembic.config
import sqlalchemy as sa
from alembic import op

from chassis import schema
from chassis.addresses import owner_url
from chassis.namespace import Namespace
from chassis.settings import Settings

FIRST_TABLES = Path(__file__).parent / "sql" / "0001_chassis.sql"
BACKBONE = (schema.PARTITION_MAKERS, Path(__file__).parent / "sql" / "0002_backbone.sql")
SCOPE = "nullif(current_setting('kith.area', true), '')"
"""The scope that `Work` set in this transaction, or null; after SET LOCAL an old setting is '' and must open nothing."""


def create(settings: Settings, services: Iterable[str]) -> None:
    """Make the roles and databases that are missing. Needs a login that may."""
    names = Namespace(settings.namespace)
    engine = sa.create_engine(settings.database_url.get_secret_value(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for role, password in (
            (names.owner_role, settings.owner_password.get_secret_value()),
            (names.app_role, settings.app_password.get_secret_value()),
        ):
            _create_role(connection, role, password)
        for service in services:
            _create_database(connection, names.database(service), names)
    engine.dispose()


def _create_role(connection: sa.Connection, role: str, password: str) -> None:
    known = connection.scalar(sa.text("select true from pg_roles where rolname = :role"), {"role": role})
    if not known:
        secret = "" if not password else f" password {_literal(password)}"
        connection.exec_driver_sql(
            f'create role "{role}" login nosuperuser nocreatedb nocreaterole nobypassrls{secret}'
        )


def _create_database(connection: sa.Connection, database: str, names: Namespace) -> None:
    known = connection.scalar(sa.text("select true from pg_database where datname = :name"), {"name": database})
    if not known:
        connection.exec_driver_sql(
            f'create database "{database}" owner "{names.owner_role}" template template0 encoding \'UTF8\''
        )
        connection.exec_driver_sql(f'revoke all on database "{database}" from public')
        connection.exec_driver_sql(f'grant connect on database "{database}" to "{names.app_role}"')


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def upgrade(settings: Settings, service: str, folder: Path, to: str = "head") -> None:
    """Bring one database to its newest migration, or to an earlier one."""
    config = alembic.config.Config()
    config.set_main_option("script_location", str(folder))
    config.attributes["url"] = owner_url(settings, service)
    config.attributes["app_role"] = Namespace(settings.namespace).app_role
    alembic.command.upgrade(config, to)


# --- for the migrations themselves


def create_chassis_tables() -> None:
    """The tables of chassis.schema as they were first, for a database's first migration."""
    op.execute(FIRST_TABLES.read_text())


def bring_backbone() -> None:
    """The outbox in months, tombstones and divergences, for the migration after a database's first one."""
    role = app_role()
    for file in BACKBONE:
        op.execute(file.read_text())
    op.execute(f'grant select, insert on outbox, inbox_skipped to "{role}"')
    op.execute(f'grant select, insert, delete on outbox_unsent, inbox_diverged to "{role}"')
    op.execute(f'grant select on outbox_archived to "{role}"')
    op.execute(f'grant execute on function make_outbox_partitions(integer) to "{role}"')
    keep_what_was_recorded()


def scoping_statements(table: str) -> tuple[str, ...]:
    """The SQL by which a table's rows are seen and written only within the transaction's area.

    A range on the code in byte order, never LIKE; unset or empty opens nothing; the owner is bound as well.
    """
    within = (
        f'{SCOPE} is not null and area_code collate "C" >= {SCOPE} and area_code collate "C" < {SCOPE} || \':\''
    )
    return (
        f"alter table {table} enable row level security",
        f"alter table {table} force row level security",
        f"create policy within_area on {table} using ({within}) with check ({within})",
    )


def scope_by_area(*tables: str) -> None:
    """Put tables under row security, in a migration."""
    for table in tables:
        for statement in scoping_statements(table):
            op.execute(statement)


def app_role() -> str:
    """The role that services run as, in a migration."""
    config = op.get_context().config
    if config is None:
        raise RuntimeError("migrations are run by `kith ops migrate`")
    return str(config.attributes["app_role"])


def grant_to_app(*tables: str) -> None:
    """What the services' role may do: rows, never structure; of append-only tables no row is changed.

    A later migration names its own `tables`: without names all are granted, and what an earlier one revoked is given back.
    """
    role = app_role()
    these = ", ".join(tables) if tables else "all tables in schema public"
    op.execute(f'grant usage on schema public to "{role}"')
    op.execute(f'grant select, insert, update, delete on {these} to "{role}"')
    op.execute(f'grant usage on all sequences in schema public to "{role}"')
    op.execute(f'revoke delete on stream, inbox_cursor, epoch from "{role}"')
    op.execute(f'revoke update, insert, delete on alembic_version from "{role}"')
    keep_what_was_recorded()


def keep_what_was_recorded() -> None:
    """What became true is never changed or taken away; the record's head moves and stays."""
    role = app_role()
    held = _tables()
    kept = [table for table in schema.APPEND_ONLY if table in held]
    op.execute(f'revoke update, delete, truncate on {", ".join(kept)} from "{role}"')
    op.execute(f'revoke insert, delete, truncate on audit_head from "{role}"')
    if "outbox_archived" in held:
        op.execute(f'revoke insert, update, delete, truncate on outbox_archived from "{role}"')
    for month in sorted(table for table in held if table.startswith("outbox_y")):
        op.execute(f'revoke all on {month} from "{role}"')


def _tables() -> set[str]:
    return set(op.get_bind().scalars(sa.text("select tablename from pg_tables where schemaname = 'public'")))


def run_migrations() -> None:
    """The body of every `env.py`."""
    from alembic import context

    engine = sa.create_engine(context.config.attributes["url"])
    with engine.connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()
