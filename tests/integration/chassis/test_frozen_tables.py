"""The migrations' frozen tables are the ones that chassis.schema speaks of."""

import sqlalchemy as sa

from chassis import migrating, schema
from chassis.addresses import owner_url
from tests.support.hosting import settings_for

COLUMNS = sa.text(
    "select table_name, column_name, data_type, is_nullable, coalesce(column_default, '')"
    " from information_schema.columns where table_schema = 'public'"
)
INDEXES = sa.text("select tablename, indexdef from pg_indexes where schemaname = 'public'")


def shape(engine: sa.Engine) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
    with engine.connect() as connection:
        return (
            {tuple(row) for row in connection.execute(COLUMNS)},
            {tuple(row) for row in connection.execute(INDEXES)},
        )


def test_the_frozen_files_make_what_the_schema_declares(database_server: str, namespace: str) -> None:
    settings = settings_for(database_server, f"{namespace}frozen")
    migrating.create(settings, ["files", "declared", "altered"])
    engines = {name: sa.create_engine(owner_url(settings, name)) for name in ("files", "declared", "altered")}
    for name in ("files", "altered"):
        with engines[name].begin() as connection:
            for file in (migrating.FIRST_TABLES, *migrating.BACKBONE):
                connection.exec_driver_sql(file.read_text())
    schema.metadata.create_all(engines["declared"])
    assert shape(engines["files"]) == shape(engines["declared"])
    with engines["altered"].begin() as connection:
        connection.exec_driver_sql("alter table job drop column error")
    assert shape(engines["altered"]) != shape(engines["declared"])
    for engine in engines.values():
        engine.dispose()
