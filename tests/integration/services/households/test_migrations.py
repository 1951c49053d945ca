"""The migrations of households make the tables that its code speaks of, each held to its area."""

import sqlalchemy as sa

from services.households.tables import metadata
from tests.support.households import Office
from tests.support.schema_drift import differences, tables_without_scope


def test_the_migrations_make_the_tables_that_the_code_speaks_of(empty_office: Office) -> None:
    assert differences(empty_office.runtime.settings, "households", metadata) == []


def test_control_a_table_that_was_forgotten_is_found(empty_office: Office) -> None:
    more = sa.MetaData()
    for table in metadata.tables.values():
        table.to_metadata(more)
    sa.Table("forgotten", more, sa.Column("id", sa.Integer, primary_key=True), sa.Column("area_code", sa.Text))
    settings = empty_office.runtime.settings
    assert [change[0] for change in differences(settings, "households", more)] == ["add_table"]
    assert tables_without_scope(settings, "households", more) == {"forgotten"}


def test_every_table_is_held_to_its_area(empty_office: Office) -> None:
    assert all("area_code" in table.c for table in metadata.tables.values())
    assert tables_without_scope(empty_office.runtime.settings, "households", metadata) == set()
