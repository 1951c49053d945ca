"""Work: row security, idempotency, the chained record, retries after deadlock."""

import threading
import uuid
from collections.abc import Iterator
from datetime import date

import pytest
import sqlalchemy as sa

from chassis import audit, migrating
from chassis.addresses import owner_url
from chassis.database import ConcurrentChange
from chassis.runtime import Runtime
from chassis.service import Service
from chassis.settings import Settings
from chassis.work import Work, begin, transact
from contracts.actor import Actor, Role
from contracts.pairing import HelperLeft
from tests.support.hosting import prepare_bare, runtimes, settings_for


@pytest.fixture(scope="module")
def settings(database_server: str, namespace: str) -> Settings:
    settings = settings_for(database_server, f"{namespace}work")
    prepare_bare(settings, "pairing")
    engine = sa.create_engine(owner_url(settings, "pairing"))
    with engine.begin() as connection:
        for statement in migrating.scoping_statements("thing"):
            connection.exec_driver_sql(statement)
    engine.dispose()
    return settings


@pytest.fixture
def runtime(settings: Settings) -> Iterator[Runtime]:
    with runtimes(settings, [Service(name="pairing")]) as found:
        yield found["pairing"]


def officer(area: str) -> Actor:
    return Actor(id=f"officer-{area}", roles=frozenset({Role.TOWNSHIP_OFFICER}), area=area)


def put(work: Work, area: str) -> None:
    work.connection.execute(
        sa.text("insert into thing (id, area_code) values (:id, :area)"), {"id": uuid.uuid4(), "area": area}
    )


def things(work: Work) -> int:
    return int(work.connection.scalar(sa.text("select count(*) from thing")) or 0)


def test_an_actor_sees_the_rows_of_the_own_area_only(runtime: Runtime) -> None:
    for area in ("990101101201", "990101101202", "990101102201"):
        transact(runtime, officer("990101"), lambda work, area=area: put(work, area))
    assert transact(runtime, officer("990101101"), things) == 2
    assert transact(runtime, officer("990101102201"), things) == 1
    assert transact(runtime, officer("990101"), things) >= 3


@pytest.mark.parametrize("area", ["", "%", "990101%", "_", "99010110_"])
def test_an_empty_or_cunning_area_opens_nothing(runtime: Runtime, area: str) -> None:
    transact(runtime, officer("990101"), lambda work: put(work, "990101101201"))
    assert transact(runtime, officer(area), things) == 0


def test_a_reused_connection_without_scope_sees_nothing(runtime: Runtime) -> None:
    transact(runtime, officer("990101"), lambda work: put(work, "990101101201"))
    with runtime.database.engine.connect() as connection:
        with connection.begin():
            connection.exec_driver_sql("select set_config('kith.area', '990101', true)")
            assert connection.scalar(sa.text("select count(*) from thing")) > 0
        with connection.begin():
            assert connection.scalar(sa.text("select count(*) from thing")) == 0


def test_control_a_bare_range_opens_everything_on_a_reused_connection(settings: Settings, runtime: Runtime) -> None:
    transact(runtime, officer("990101"), lambda work: put(work, "990101101201"))
    bare = (
        "area_code >= current_setting('kith.area', true) and area_code < current_setting('kith.area', true) || ':'"
    )
    owner = sa.create_engine(owner_url(settings, "pairing"))
    with owner.begin() as connection:
        connection.exec_driver_sql(f"create policy bare on thing using ({bare})")
    try:
        with runtime.database.engine.connect() as connection:
            with connection.begin():
                connection.exec_driver_sql("select set_config('kith.area', '990101', true)")
            with connection.begin():
                assert connection.scalar(sa.text("select count(*) from thing")) > 0
    finally:
        with owner.begin() as connection:
            connection.exec_driver_sql("drop policy bare on thing")
        owner.dispose()


def test_nobody_writes_into_another_area(runtime: Runtime) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
        transact(runtime, officer("990101101"), lambda work: put(work, "990101102201"))


def test_the_application_role_owns_nothing_and_cannot_bypass(settings: Settings, runtime: Runtime) -> None:
    with runtime.database.begin() as connection:
        role = connection.execute(
            sa.text(
                "select rolsuper, rolbypassrls, rolcreatedb, rolcreaterole from pg_roles where rolname = current_user"
            )
        ).one()
        assert not any(role)
        owned = sa.text(
            "select count(*) from pg_class where relowner = (select oid from pg_roles where rolname = current_user)"
        )
        assert connection.scalar(owned) == 0


def test_what_raises_leaves_no_row_no_event_and_no_record(runtime: Runtime) -> None:
    def do(work: Work) -> None:
        put(work, "990101101201")
        work.record(
            HelperLeft(helper_id=uuid.uuid4(), area_code="990101101", left_on=date(2026, 4, 1), reason="moved")
        )
        work.audit("x")
        raise LookupError

    def counts() -> list[object]:
        with begin(runtime, officer("990101")) as work:
            return [
                work.connection.scalar(sa.text(f"select count(*) from {t}")) for t in ("thing", "outbox", "audit")
            ]

    before = counts()
    with pytest.raises(LookupError):
        transact(runtime, officer("990101"), do)
    assert counts() == before


def test_a_version_conflict_is_tried_again_and_then_given_up(runtime: Runtime) -> None:
    tries = []

    def do(work: Work) -> None:
        tries.append(1)
        raise ConcurrentChange

    with pytest.raises(ConcurrentChange):
        transact(runtime, officer("990101"), do)
    assert len(tries) == 4


def test_two_writers_of_the_same_streams_never_deadlock(runtime: Runtime) -> None:
    subjects = [uuid.uuid4() for _ in range(30)]
    errors: list[BaseException] = []

    def write(order: list[uuid.UUID]) -> None:
        def do(work: Work) -> None:
            for subject in order:
                work.record(
                    HelperLeft(helper_id=subject, area_code="990101101", left_on=date(2026, 4, 1), reason="moved")
                )

        try:
            for _ in range(20):
                with begin(runtime, runtime.system) as work:
                    do(work)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(order,)) for order in (subjects, subjects[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with runtime.database.begin() as connection:
        holes = sa.text(
            "select count(*) from (select subject, max(sequence) m, count(*) n from outbox group by subject) s where m <> n"
        )
        assert connection.scalar(holes) == 0


# --- the record


@pytest.fixture
def chain(settings: Settings, runtime: Runtime) -> Iterator[sa.Engine]:
    """The owner's connection: whoever can alter the record is who it must hold against."""
    for number in range(5):
        transact(runtime, officer("990101"), lambda work, n=number: work.audit(f"step-{n}"))
    owner = sa.create_engine(owner_url(settings, "pairing"))
    yield owner
    owner.dispose()


def found_by(owner: sa.Engine, tampering: str) -> str | None:
    """What verification says after the tampering, which is undone."""
    with owner.connect() as connection:
        transaction = connection.begin()
        root_row = connection.execute(sa.text("select id, hash from audit_head")).one()
        assert audit.verify(connection)[1] is None
        connection.exec_driver_sql(tampering)
        broken = audit.verify(connection, (root_row.id, bytes(root_row.hash)))[1]
        transaction.rollback()
    return None if broken is None else broken.what


@pytest.mark.parametrize(
    ("tampering", "what"),
    [
        ("update audit set what = 'nothing' where id = 2", "altered"),
        ("delete from audit where id = 2", "missing"),
        ("delete from audit where id = (select max(id) from audit)", "truncated"),
        (
            "delete from audit where id = (select max(id) from audit); update audit_head set id = id - 1, "
            "hash = (select hash from audit where id = (select max(id) from audit))",
            "not the chain whose root was noted",
        ),
        (
            "update audit set id = -1 where id = 2; update audit set id = 2 where id = 3; update audit set id = 3 where id = -1",
            "altered",
        ),
    ],
)
def test_tampering_with_the_record_is_found(chain: sa.Engine, tampering: str, what: str) -> None:
    assert found_by(chain, tampering) == what


def test_control_without_tampering_the_record_holds(chain: sa.Engine) -> None:
    assert found_by(chain, "select 1") is None
