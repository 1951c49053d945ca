"""The migrations of pairing make the tables that its code speaks of, each held to its area."""

import sqlalchemy as sa

from chassis.runtime import Runtime
from services.pairing.tables import metadata
from tests.support.schema_drift import differences, tables_without_scope


def test_the_migrations_make_the_tables_that_the_code_speaks_of(runtime: Runtime) -> None:
    assert differences(runtime.settings, "pairing", metadata) == []


def test_every_table_of_pairing_is_held_to_its_area(runtime: Runtime) -> None:
    assert all("area_code" in table.c for table in metadata.tables.values())
    assert tables_without_scope(runtime.settings, "pairing", metadata) == set()


def test_a_connection_without_scope_sees_no_row(runtime: Runtime) -> None:
    with runtime.database.begin() as connection:
        for name, table in metadata.tables.items():
            assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0, name
