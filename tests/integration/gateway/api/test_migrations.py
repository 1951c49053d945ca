"""The front door's tables are what its code speaks of, and its role may no more than it needs."""

from pathlib import Path
from types import ModuleType

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from chassis.addresses import app_url
from gateway.api import tables
from gateway.office import tables as office
from kith.registry import MIGRATIONS
from tests.support.front_door import FrontDoor
from tests.support.schema_drift import differences

OF_OTHERS = ("remove_table", "remove_index")


def drift(door: FrontDoor, metadata: sa.MetaData) -> list[str]:
    """What differs in the front door's tables; those of measure are its own business."""
    mine = set(metadata.tables)
    found = [change for change in differences(door.settings, "gateway", metadata) if change[0] not in OF_OTHERS]
    gone = [
        c for c in differences(door.settings, "gateway", metadata) if c[0] in OF_OTHERS and _table(c[1]) in mine
    ]
    return [str(change) for change in (*found, *gone)]


def _table(thing: sa.Table | sa.Index) -> str:
    return str(thing.table.name if isinstance(thing, sa.Index) and thing.table is not None else thing.name)


@pytest.mark.parametrize("room", [tables, office], ids=["door", "office"])
def test_the_migrations_make_the_tables_that_the_code_speaks_of(door: FrontDoor, room: ModuleType) -> None:
    assert drift(door, room.metadata) == []


def test_a_forgotten_column_or_index_would_be_found(door: FrontDoor) -> None:
    """The control arm of the test above."""
    more = sa.MetaData()
    for table in tables.metadata.sorted_tables:
        table.to_metadata(more)
    more.tables["intake"].append_column(sa.Column("forgotten", sa.Text))
    indexes = len(more.tables["intake"].indexes)
    more.tables["intake"].indexes.clear()
    assert len(drift(door, more)) == 1 + indexes


@pytest.mark.parametrize(
    "statement",
    [
        "update verdict set outcome = 'allow'",
        "delete from account",
        "delete from delegation",
        "delete from card",
        "update rule_mode set mode = 'disabled'",
        "delete from rule_mode",
        "update ruleset set rules = '[]'",
        "delete from ruleset",
        "delete from exemption",
        "insert into rulebook (revision) values (2)",
        "delete from audit",
        "alter table intake add x int",
    ],
)
def test_the_serving_role_may_not(door: FrontDoor, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        door.change(statement)


def test_nothing_of_the_front_door_is_written_outside_its_stores() -> None:
    """Style 10: SQL stands in the stores alone."""
    files = [file for room in (tables, office) for file in Path(room.__file__).parent.rglob("*.py")]
    speaking = {
        file
        for file in files
        if "sa.update(" in (text := file.read_text()) or "sa.insert(" in text or "sa.delete(" in text
    }
    assert {
        str(file) for file in speaking if not file.stem.endswith("_store") and file.parent.name != "store"
    } == set()


@pytest.mark.parametrize("database", list(MIGRATIONS))
@pytest.mark.parametrize(
    "statement",
    [
        "update outbox set body = '{}'",
        "update outbox set sequence = sequence + 1",
        "delete from outbox",
        "update audit set outcome = 'done'",
        "delete from audit",
        "truncate audit",
        "insert into audit_head (id, hash) values (0, '')",
        "delete from audit_head",
        "truncate audit_head",
        "alter table audit add column more text",
        "drop table audit",
        "create table more (n int)",
        "update alembic_version set version_num = '0001'",
    ],
)
def test_no_services_role_rewrites_what_was_recorded(door: FrontDoor, database: str, statement: str) -> None:
    engine = sa.create_engine(app_url(door.settings, database))
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), engine.begin() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


@pytest.mark.parametrize("database", list(MIGRATIONS))
def test_what_a_services_role_needs_for_recording_it_may(door: FrontDoor, database: str) -> None:
    """The control arm: it is the right that is missing above, not the table."""
    engine = sa.create_engine(app_url(door.settings, database))
    with engine.connect() as connection:
        connection.execute(sa.text("delete from outbox_unsent"))
        connection.execute(sa.text("update audit_head set id = id"))
        connection.rollback()
    engine.dispose()
