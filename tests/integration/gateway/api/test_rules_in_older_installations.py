"""An installation that judged before its rules had modes keeps judging as it did; what is new to it is watched first."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from threading import Barrier

import pytest
import sqlalchemy as sa

from chassis import migrating
from chassis.addresses import app_url, owner_url
from chassis.settings import Settings
from gateway.admission.shipped import shipped_rules
from gateway.api.rules import AS_SHIPPED, NEW_RULE, InForce, Rulebook
from gateway.office.store import rules as store
from kith.registry import MIGRATIONS
from tests.support.hosting import fresh, settings_for

BEFORE = "0006"
TODAY = date(2026, 4, 15)
JUDGED = (
    "insert into verdict (id, at, actor_id, area_code, command, resource, action, outcome, rules, named_values,"
    " body_digest, ruleset_version) values (gen_random_uuid(), '2026-01-05T00:00:00Z', 'a', '990101', 'c', 'r', 'a',"
    " 'allow', '[]', '{}', 'd', 'v')"
)


@contextmanager
def connected(settings: Settings, *, owner: bool = False) -> Iterator[sa.Connection]:
    engine = sa.create_engine((owner_url if owner else app_url)(settings, "gateway"))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def upgraded(database_server: str, namespace: str, *, judged: bool) -> Settings:
    settings = settings_for(database_server, fresh(f"{namespace}old"))
    migrating.create(settings, ["gateway"])
    migrating.upgrade(settings, "gateway", MIGRATIONS["gateway"], to=BEFORE)
    if judged:
        with connected(settings, owner=True) as owner:
            owner.exec_driver_sql(JUDGED)
    migrating.upgrade(settings, "gateway", MIGRATIONS["gateway"])
    return settings


def in_force(settings: Settings, book: Rulebook) -> InForce:
    with connected(settings) as connection:
        return book.current(connection)


def modes(found: InForce) -> dict[str, str]:
    return {source.rule.id: source.rule.mode for source in found.rules.sources}


@pytest.mark.parametrize("judged", [True, False], ids=["one that judged before", "control: a new one"])
def test_what_was_in_force_stays_and_what_is_new_is_watched(
    database_server: str, namespace: str, judged: bool
) -> None:
    settings = upgraded(database_server, namespace, judged=judged)
    found = modes(in_force(settings, Rulebook(shipped_rules(), lambda: TODAY)))
    assert (found["ADM-01"], found["VIS-DQ-02"]) == ("enforce", "warn")
    assert found["ADM-02"] == ("audit" if judged else "warn")
    assert found["ADM-04"] == "audit"
    with connected(settings) as connection:
        rows = connection.execute(sa.text("select rule_id, reason from rule_mode"))
        reasons = {row.rule_id: row.reason for row in rows}
    assert reasons["ADM-01"] == ("in force before" if judged else AS_SHIPPED)
    assert reasons["ADM-02"] == (NEW_RULE if judged else AS_SHIPPED)


def test_what_was_read_in_a_transaction_that_came_to_nothing_is_not_held(
    database_server: str, namespace: str
) -> None:
    settings = upgraded(database_server, namespace, judged=False)
    book = Rulebook(shipped_rules(), lambda: TODAY)
    engine = sa.create_engine(app_url(settings, "gateway"))
    with engine.connect() as connection:
        lost = book.current(connection)
        connection.rollback()
    engine.dispose()
    with connected(settings) as connection:
        assert connection.scalar(sa.text("select count(*) from ruleset")) == 0
        news = book.news(connection)
    assert news is not None and news.rules.version == lost.rules.version
    book.hold(news)
    with connected(settings) as connection:
        assert connection.scalar(sa.text("select version from ruleset")) == lost.rules.version
        assert book.news(connection) is None
        assert book.current(connection) is news


def begun_twice(settings: Settings) -> tuple[int, int]:
    """(rows, rules) in the history after two gateways read the rules for the first time at the same moment."""
    books = [Rulebook(shipped_rules(), lambda: TODAY) for _ in range(2)]
    with ThreadPoolExecutor(2) as both:
        found = list(both.map(lambda book: modes(in_force(settings, book)), books))
    assert found[0] == found[1]
    with connected(settings) as connection:
        counted = connection.execute(sa.text("select count(*), count(distinct rule_id) from rule_mode")).one()
    return counted[0], counted[1]


def test_two_gateways_that_begin_at_once_write_each_mode_once(
    database_server: str, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    together, lock = Barrier(2), store.turn_page

    def at_once(connection: sa.Connection) -> None:
        together.wait(30)
        lock(connection)

    monkeypatch.setattr(store, "turn_page", at_once)
    rules = len(shipped_rules().sources)
    assert begun_twice(upgraded(database_server, namespace, judged=False)) == (rules, rules)


def test_control_without_the_lock_they_would_be_written_twice(
    database_server: str, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_both, read = Barrier(2), store.modes

    def at_once(connection: sa.Connection) -> dict[tuple[str, str], str]:
        found = read(connection)
        if not found:
            read_both.wait(30)
        return found

    monkeypatch.setattr(store, "turn_page", lambda connection: None)
    monkeypatch.setattr(store, "modes", at_once)
    rules = len(shipped_rules().sources)
    assert begun_twice(upgraded(database_server, namespace, judged=False)) == (2 * rules, rules)
