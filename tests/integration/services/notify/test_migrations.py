"""The migrations of notify make the tables that its code speaks of, each held to its area."""

import sqlalchemy as sa

from chassis.runtime import Runtime
from contracts.notify import ListNotices, MarkNoticeRead
from services.notify.tables import metadata
from tests.support.notify import Helper
from tests.support.schema_drift import differences, tables_without_scope
from tests.support.service_calls import Speaker, answered


def test_the_migrations_make_the_tables_that_the_code_speaks_of(runtime: Runtime) -> None:
    assert differences(runtime.settings, "notify", metadata) == []


def test_control_a_table_that_was_forgotten_is_found(runtime: Runtime) -> None:
    more = sa.MetaData()
    for table in metadata.tables.values():
        table.to_metadata(more)
    sa.Table("forgotten", more, sa.Column("id", sa.Integer, primary_key=True), sa.Column("area_code", sa.Text))
    assert [change[0] for change in differences(runtime.settings, "notify", more)] == ["add_table"]
    assert tables_without_scope(runtime.settings, "notify", more) == {"forgotten"}


def test_every_table_with_an_area_is_held_to_it(runtime: Runtime) -> None:
    assert tables_without_scope(runtime.settings, "notify", metadata) == set()


def test_a_connection_without_scope_sees_no_row(speaker: Speaker) -> None:
    helper = Helper()
    speaker.tell(helper.registered(), helper.left())
    reader = helper.signed_in()
    notice = answered(speaker.ask(reader, ListNotices()))["items"][0]
    speaker.do(reader, MarkNoticeRead(notice_id=notice["notice_id"]))
    scoped = [table for table in metadata.tables.values() if "area_code" in table.c]
    with speaker.runtime.database.begin() as connection:
        unscoped = [connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in scoped]
    assert unscoped == [0] * len(scoped)
    assert all(speaker.rows(f"select count(*) as n from {table.name}")[0]["n"] > 0 for table in scoped)
