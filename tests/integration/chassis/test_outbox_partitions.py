"""The outbox in months: old rows carried over, new ones in their month, claimed in order, nobody may take them away."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa

from chassis import migrating, outbox, outbox_partitions
from chassis.addresses import app_url, owner_url
from chassis.outbox_partitions import Entry, Month, MonthTouched
from chassis.settings import Settings
from kith.registry import MIGRATIONS
from tests.support.hosting import fresh, settings_for

SERVICE = "pairing"
SAY = sa.text("""
    with said as (
        insert into outbox (event_id, subject, epoch, sequence, type, body, created_at)
        values (:event_id, :subject, 1, :sequence, 'pairing.said.v1', :body, :created_at) returning id, created_at
    )
    insert into outbox_unsent (id, created_at) select id, created_at from said
""")
OLD_ROW = sa.text("""
    insert into outbox (event_id, subject, sequence, type, body, traceparent, created_at, sent_at)
    values (:event_id, :subject, :sequence, 'pairing.said.v1', :body, 'trace', :created_at, :sent_at)
""")


@dataclass(frozen=True)
class Place:
    """One migrated database, as its owner and as the services' role."""

    settings: Settings
    owner: sa.Engine
    app: sa.Engine

    def say(self, subject: str, sequence: int, at: datetime) -> None:
        body = f'{{"n": "{subject}{sequence}"}}'
        row = {"event_id": uuid4(), "subject": subject, "sequence": sequence, "body": body, "created_at": at}
        with self.app.begin() as connection:
            connection.execute(SAY, row)

    def scalars(self, statement: str) -> list[object]:
        with self.owner.begin() as connection:
            return list(connection.execute(sa.text(statement)).scalars())

    def explain(self, statement: sa.TextClause, **values: object) -> str:
        with self.app.begin() as connection:
            lines = connection.execute(sa.text(f"explain (costs off) {statement}"), values)
            return "\n".join(lines.scalars())


@pytest.fixture(scope="module")
def migrated(database_server: str, namespace: str) -> Iterator[Place]:
    settings = settings_for(database_server, fresh(f"{namespace}months"))
    migrating.create(settings, [SERVICE])
    migrating.upgrade(settings, SERVICE, MIGRATIONS[SERVICE])
    place = Place(
        settings, sa.create_engine(owner_url(settings, SERVICE)), sa.create_engine(app_url(settings, SERVICE))
    )
    yield place
    place.owner.dispose()
    place.app.dispose()


@pytest.fixture
def place(migrated: Place) -> Place:
    with migrated.owner.begin() as connection:
        connection.exec_driver_sql("truncate outbox, outbox_unsent, stream")
        connection.exec_driver_sql("delete from outbox_archived")
        for month in outbox_partitions.held(connection):
            if month < Month.of(datetime.now(UTC)).later(-1):
                connection.exec_driver_sql(f"drop table {month.table}")
    return migrated


def this_month(months: int = 0) -> datetime:
    month = Month.of(datetime.now(UTC)).later(months)
    return datetime(month.year, month.number, 15, 12, tzinfo=UTC)


def make_past(place: Place, months: int) -> None:
    with place.owner.begin() as connection:
        for back in range(1, months + 1):
            connection.execute(sa.text("select make_outbox_partition(:day)"), {"day": this_month(-back).date()})


# --- the migration


def test_rows_of_before_the_months_keep_their_order_and_everything_else(
    database_server: str, namespace: str
) -> None:
    settings = settings_for(database_server, fresh(f"{namespace}old"))
    migrating.create(settings, [SERVICE])
    migrating.upgrade(settings, SERVICE, MIGRATIONS[SERVICE], "0001")
    owner, app = sa.create_engine(owner_url(settings, SERVICE)), sa.create_engine(app_url(settings, SERVICE))
    said = [(n, datetime(2024 + n // 12, n % 12 + 1, 28, tzinfo=UTC)) for n in range(30)]
    with app.begin() as connection:
        for n, at in said:
            connection.execute(
                OLD_ROW,
                {
                    "event_id": uuid4(),
                    "subject": "ab"[n % 2],
                    "sequence": n // 2 + 1,
                    "body": f'{{"n": {n}, "epoch": 1}}',
                    "created_at": at,
                    "sent_at": at if n < 25 else None,
                },
            )
    columns = "id, event_id, subject, sequence, type, body, traceparent, created_at"
    with owner.begin() as connection:
        before = connection.execute(sa.text(f"select {columns} from outbox order by id")).all()
    migrating.upgrade(settings, SERVICE, MIGRATIONS[SERVICE])
    with owner.begin() as connection:
        assert connection.execute(sa.text(f"select {columns} from outbox order by id")).all() == before
        assert set(connection.execute(sa.text("select epoch from outbox")).scalars()) == {1}
        assert {Month.of(at) for _, at in said} <= set(outbox_partitions.held(connection))
    with app.begin() as connection:
        assert [row.id for row in outbox.unsent(connection, 100)] == [row.id for row in before[25:]]
        connection.execute(
            SAY,
            {
                "event_id": uuid4(),
                "subject": "a",
                "sequence": 99,
                "body": "{}",
                "created_at": datetime.now(UTC),
            },
        )
        assert outbox.log(connection, before[-1].id, 10)[0][0] == before[-1].id + 1, "numbers go on"
    owner.dispose()
    app.dispose()


# --- months


def test_a_row_lands_in_the_month_it_was_written_in(place: Place) -> None:
    for months in range(3):
        place.say("a", months + 1, this_month(months))
    found = place.scalars("select tableoid::regclass::text from outbox order by id")
    assert found == [Month.of(this_month(months)).table for months in range(3)]


def test_an_event_takes_its_moment_after_its_streams_lock_so_that_months_keep_its_order(place: Place) -> None:
    with place.app.connect() as earlier, earlier.begin():
        earlier.execute(sa.text("select now()"))
        with place.app.begin() as later:
            later.execute(SAY_NOW, {"event_id": uuid4(), "sequence": 1})
        earlier.execute(SAY_NOW, {"event_id": uuid4(), "sequence": 2})
    assert place.scalars("select sequence from outbox order by created_at") == [1, 2]


SAY_NOW = sa.text("""
    insert into outbox (event_id, subject, epoch, sequence, type, body)
    values (:event_id, 'a', 1, :sequence, 'pairing.said.v1', '{}')
""")


def test_partitions_stand_from_now_to_a_year_and_a_month_ahead_and_are_made_once(place: Place) -> None:
    with place.app.begin() as connection:
        outbox_partitions.make_ahead(connection)
        assert outbox_partitions.make_ahead(connection) == 0
    now = Month.of(datetime.now(UTC))
    with place.owner.begin() as connection:
        held = outbox_partitions.held(connection)
    assert [now.later(months) for months in range(14)] == [month for month in held if month >= now]


def test_a_month_that_is_missing_is_made_again_by_the_services_own_role(place: Place) -> None:
    last = Month.of(this_month(13))
    with place.owner.begin() as connection:
        connection.exec_driver_sql(f"drop table {last.table}")
    with pytest.raises(sa.exc.IntegrityError, match="no partition of relation"):
        place.say("a", 1, this_month(13))
    with place.app.begin() as connection:
        assert outbox_partitions.make_ahead(connection) == 1
    place.say("a", 1, this_month(13))


def test_many_who_make_the_months_at_once_do_not_hinder_each_other(place: Place) -> None:
    with place.owner.begin() as connection:
        for months in (10, 11, 12, 13):
            connection.exec_driver_sql(f"drop table {Month.of(this_month(months)).table}")
    made, failed = [], []

    def make() -> None:
        try:
            with place.app.begin() as connection:
                made.append(outbox_partitions.make_ahead(connection))
        except sa.exc.DBAPIError as error:
            failed.append(error)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert sum(made) == 4


def test_events_are_written_while_a_month_is_made(place: Place) -> None:
    with place.owner.begin() as connection:
        connection.exec_driver_sql(f"drop table {Month.of(this_month(13)).table}")
    with place.app.connect() as maker, maker.begin():
        assert outbox_partitions.make_ahead(maker) == 1
        with place.app.begin() as writer:
            writer.exec_driver_sql("set local lock_timeout = '2s'")
            writer.execute(SAY_NOW, {"event_id": uuid4(), "sequence": 1})


@pytest.mark.parametrize("column", ["event_id", "subject, epoch, sequence"])
def test_within_a_month_no_event_stands_twice(place: Place, column: str) -> None:
    values = {"event_id": uuid4(), "subject": "a", "sequence": 1, "body": "{}", "created_at": this_month()}
    other = {**values, "event_id": uuid4()} if column != "event_id" else {**values, "subject": "b"}
    with place.app.begin() as connection:
        connection.execute(SAY, values)
    with pytest.raises(sa.exc.IntegrityError, match="duplicate key"), place.app.begin() as connection:
        connection.execute(SAY, other)


# --- reading


def test_the_relay_claims_over_all_months_in_the_order_of_ids_and_marks_them(place: Place) -> None:
    make_past(place, 2)
    for n, months in enumerate((0, -2, 1, -1, 0)):
        place.say("a", n + 1, this_month(months))
    with place.app.begin() as connection:
        rows = outbox.unsent(connection, 10)
        assert [row.body for row in rows] == [f'{{"n": "a{n}"}}' for n in (1, 2, 3, 4, 5)]
        assert [row.id for row in outbox.unsent(connection, 3, besides=rows[1:3])] == [
            rows[n].id for n in (0, 3, 4)
        ]
        outbox.mark_sent(connection, rows[:3])
        assert [row.id for row in outbox.unsent(connection, 10)] == [row.id for row in rows[3:]]
        outbox.mark_sent(connection, rows)
        assert outbox.unsent(connection, 10) == []


def fill(place: Place) -> None:
    make_past(place, 3)
    with place.owner.begin() as connection:
        connection.exec_driver_sql(
            "insert into outbox (event_id, subject, epoch, sequence, type, body, created_at) "
            "select gen_random_uuid(), 's' || n / 40, 1, n, 't', '{}', now() - make_interval(months => mod(n, 4)) "
            "from generate_series(1, 40000) n"
        )
        connection.exec_driver_sql(
            "insert into outbox_unsent select id, created_at from outbox where mod(id, 2) = 0"
        )
    with place.owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("analyze outbox, outbox_unsent")


def claim_plan(place: Place, *, free: bool) -> str:
    """Of the statement inside unsent_events, planned as the function has it planned, or as PostgreSQL likes best."""
    [source] = place.scalars("select prosrc from pg_proc where proname = 'unsent_events'")
    found = re.search(r"return query(.*);", str(source), re.DOTALL)
    assert found
    claim = found[1].replace("most", "500").replace("besides", "'{7,8}'::bigint[]")
    with place.app.begin() as connection:
        for way in ("sort", "hashjoin", "mergejoin", "seqscan"):
            connection.exec_driver_sql(f"set local enable_{way} = {'on' if free else 'off'}")
        lines = connection.exec_driver_sql(f"explain (costs off) {claim}").scalars()
        return "\n".join(lines)


def test_the_claim_reads_no_more_of_the_unsent_than_it_takes_however_many_there_are(place: Place) -> None:
    fill(place)
    plan = claim_plan(place, free=False)
    assert "Index Scan using outbox_unsent_pkey" in plan
    for month in held(place):
        assert f"Index Scan using {month.table}_pkey" in plan, "one row by its number and moment"
    assert "Seq Scan" not in plan
    assert "Sort" not in plan


def test_control_left_to_itself_postgresql_would_read_whole_months(place: Place) -> None:
    fill(place)
    assert "Seq Scan on outbox_y" in claim_plan(place, free=True)


def test_a_stream_and_the_log_are_read_from_indexes(place: Place) -> None:
    fill(place)
    stream = place.explain(outbox.STREAM, subject="s77", epoch=1, sequence=3000, limit=500)
    for month in busy(place):
        assert f"outbox_y{month}_place" in stream
        assert f"outbox_y{month}_pkey" in place.explain(outbox.LOG, after_id=0, limit=500)
    with place.app.begin() as connection:
        assert len(outbox.stream(connection, "s77", (1, 3099), 500)) == 20
        assert len(outbox.stream(connection, "s77", (0, 0), 7)) == 7


def busy(place: Place) -> set[str]:
    return {Month.of(this_month(-back)).table.removeprefix("outbox_y") for back in range(4)}


def held(place: Place) -> list[Month]:
    with place.owner.begin() as connection:
        return outbox_partitions.held(connection)


# --- rights


@pytest.mark.parametrize(
    "statement",
    [
        "delete from outbox",
        "truncate outbox",
        "update outbox set body = '{}'",
        "update outbox set created_at = now()",
        "drop table outbox",
        "drop table {month}",
        "delete from {month}",
        "select from {month}",
        "insert into {month} (id, event_id, subject, epoch, sequence, type, body) overriding system value "
        "values (1, gen_random_uuid(), 'a', 1, 1, 't', '')",
        "alter table outbox detach partition {month}",
        "alter table outbox add column more int",
        "select make_outbox_partition('2020-01-01')",
        "insert into outbox_archived (month, events, digest, last_id) values ('2020-01-01', 0, '', 0)",
        "update inbox_skipped set reason = ''",
        "delete from inbox_skipped",
        "update inbox_diverged set kept_sequence = 0",
    ],
)
def test_the_services_role_can_neither_delete_nor_drop_nor_alter(place: Place, statement: str) -> None:
    month = Month.of(this_month()).table
    refused = r"permission denied|must be owner"
    with pytest.raises(sa.exc.ProgrammingError, match=refused), place.app.begin() as connection:
        connection.exec_driver_sql(statement.replace("{month}", month))


def test_rights_hold_also_after_a_later_migration_grants_anew(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    with place.owner.begin() as connection:
        connection.exec_driver_sql(f'grant all on all tables in schema public to "{place.app.url.username}"')
        with Operations.context(MigrationContext.configure(connection)):
            monkeypatch.setattr(migrating, "app_role", lambda: place.app.url.username)
            migrating.keep_what_was_recorded()
    for statement in (
        "delete from outbox",
        f"delete from {Month.of(this_month()).table}",
        "delete from inbox_skipped",
    ):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), place.app.begin() as connection:
            connection.exec_driver_sql(statement)


# --- taking a month out


def test_a_month_that_was_touched_since_it_was_read_stays(place: Place) -> None:
    make_past(place, 2)
    month = Month.of(this_month(-2))
    place.say("a", 1, this_month(-2))
    with place.owner.begin() as connection:
        connection.exec_driver_sql("delete from outbox_unsent")
        [entry] = outbox_partitions.entries(connection, month)
    assert isinstance(entry, Entry)
    for touch in ("insert into outbox_unsent select id, created_at from outbox", "insert"):
        with place.owner.begin() as connection:
            connection.exec_driver_sql("delete from outbox_unsent")
        if touch == "insert":
            place.say("a", 2, this_month(-2))
        else:
            with place.owner.begin() as connection:
                connection.exec_driver_sql(touch)
        with pytest.raises(MonthTouched), place.owner.begin() as connection:
            outbox_partitions.take_out(connection, month, 1, b"", entry.id)
        assert month in held(place)


def test_a_month_is_not_waited_for_longer_than_writers_can_bear(place: Place) -> None:
    make_past(place, 2)
    month = Month.of(this_month(-2))
    with place.app.connect() as writer, writer.begin():
        writer.execute(SAY_NOW, {"event_id": uuid4(), "sequence": 1})
        with pytest.raises(sa.exc.OperationalError, match="lock timeout"), place.owner.begin() as connection:
            outbox_partitions.take_out(connection, month, 0, b"", 0)
    assert month in held(place)
