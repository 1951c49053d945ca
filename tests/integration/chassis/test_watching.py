"""The gauges behind the alerts on waiting events and on an outbox that is not emptied."""

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY

from chassis.runtime import Runtime
from chassis.schema import inbox_waiting
from chassis.service import Service
from chassis.settings import Settings
from chassis.watching import STATES, OutboxWatch, watch_inbox
from tests.support.hosting import BARE, prepare_bare, runtimes, settings_for


@pytest.fixture(scope="module")
def settings(database_server: str, namespace: str) -> Settings:
    settings = settings_for(database_server, f"{namespace}watch")
    prepare_bare(settings, BARE)
    return settings


@pytest.fixture
def bare(settings: Settings) -> Iterator[Runtime]:
    with runtimes(settings, [Service(name=BARE)]) as found:
        yield found[BARE]


def waiting(state: str) -> float | None:
    return REGISTRY.get_sample_value("kith_inbox_waiting", {"consumer": BARE, "reason": state})


def oldest() -> float:
    return REGISTRY.get_sample_value("kith_outbox_oldest_age_seconds", {"service": BARE}) or 0.0


def execute(runtime: Runtime, statement: str) -> None:
    with runtime.database.begin() as connection:
        connection.execute(sa.text(statement))


def test_a_parked_event_shows_and_is_gone_when_it_was_settled(bare: Runtime) -> None:
    execute(
        bare,
        "insert into inbox_waiting (source, subject, epoch, sequence, body, state) values ('s', 'x', 1, 1, '{}', 'parked')",
    )
    watch_inbox(bare)
    assert {state: waiting(state) for state in STATES} == {"ahead": 0, "retry": 0, "not_yet": 0, "parked": 1}
    execute(bare, "delete from inbox_waiting")
    watch_inbox(bare)
    assert waiting("parked") == 0


def keep(subject: str, sequence: int, state: str, seconds: int) -> str:
    return (
        "insert into inbox_waiting (source, subject, epoch, sequence, body, state, since) values "
        f"('s', '{subject}', 1, {sequence}, '{{}}', '{state}', now() - interval '{seconds} seconds')"
    )


def gap() -> float:
    return REGISTRY.get_sample_value("kith_inbox_oldest_gap_seconds", {"consumer": BARE}) or 0.0


def age(state: str) -> float:
    return REGISTRY.get_sample_value("kith_inbox_oldest_age_seconds", {"consumer": BARE, "reason": state}) or 0.0


def test_only_a_subject_that_lacks_its_next_event_counts_as_a_gap(bare: Runtime) -> None:
    for statement in (
        keep("parked", 1, "parked", 900),
        keep("parked", 2, "ahead", 800),
        keep("hole", 3, "ahead", 90),
    ):
        execute(bare, statement)
    watch_inbox(bare)
    assert 90 <= gap() < 200, "what waits behind a parked event is no gap"
    assert 900 <= age("parked") < 1000
    assert 800 <= age("ahead") < 900
    execute(bare, "delete from inbox_waiting")
    watch_inbox(bare)
    assert (gap(), age("parked"), age("ahead")) == (0, 0, 0)


def test_every_state_that_the_table_allows_is_watched() -> None:
    allowed = next(
        c for c in inbox_waiting.constraints if isinstance(c, sa.CheckConstraint) and "state" in str(c.sqltext)
    )
    assert all(f"'{state}'" in str(allowed.sqltext) for state in STATES)
    assert str(allowed.sqltext).count("'") == 2 * len(STATES)


def test_the_age_of_an_unsent_event_shows_without_any_relay(settings: Settings, bare: Runtime) -> None:
    watch = OutboxWatch([BARE], settings, threading.Event())
    execute(
        bare,
        "with said as (insert into outbox (event_id, subject, epoch, sequence, type, body, created_at) values "
        "(gen_random_uuid(), 'x', 1, 1, 't', '{}', now() - interval '90 seconds') returning id, created_at) "
        "insert into outbox_unsent select id, created_at from said",
    )
    watch.look()
    assert 90 <= oldest() < 120
    execute(bare, "delete from outbox_unsent")
    watch.look()
    assert oldest() == 0


def test_it_looks_until_it_is_told_to_stop(settings: Settings, bare: Runtime) -> None:
    stop = threading.Event()
    stop.set()
    OutboxWatch([BARE], settings, stop).run()
