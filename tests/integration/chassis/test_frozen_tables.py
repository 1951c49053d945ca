"""The first migration's frozen tables are the ones that chassis.schema speaks of."""

import sqlalchemy as sa

from chassis import migrating, schema
from chassis.addresses import owner_url
from tests.support.hosting import settings_for

COLUMNS = sa.text(
    "select table_name, column_name, data_type, is_nullable from information_schema.columns where table_schema = 'public'"
)
INDEXES = sa.text("select tablename, indexdef from pg_indexes where schemaname = 'public'")


def shape(engine: sa.Engine) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
    with engine.connect() as connection:
        return (
            {tuple(row) for row in connection.execute(COLUMNS)},
            {tuple(row) for row in connection.execute(INDEXES)},
        )


def test_the_frozen_file_makes_what_the_schema_declares(database_server: str, namespace: str) -> None:
    settings = settings_for(database_server, f"{namespace}frozen")
    migrating.create(settings, ["file", "declared", "altered"])
    engines = {name: sa.create_engine(owner_url(settings, name)) for name in ("file", "declared", "altered")}
    for name in ("file", "altered"):
        with engines[name].begin() as connection:
            connection.exec_driver_sql(migrating.FIRST_TABLES.read_text())
    schema.metadata.create_all(engines["declared"])
    assert shape(engines["file"]) == shape(engines["declared"])
    with engines["altered"].begin() as connection:
        connection.exec_driver_sql("alter table job drop column error")
    assert shape(engines["altered"]) != shape(engines["declared"])
    for engine in engines.values():
        engine.dispose()
