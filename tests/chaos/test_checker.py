"""The checker finds each kind of damage, on tables made by hand, and finds none where there is none."""

import ast
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy.engine import make_url

from tests.chaos import checker
from tests.chaos.checker import Committed, Consumer, Waiting, check, judge

SUBJECT = "a-family"
EVENTS = {f"e{n}": Committed("households", SUBJECT, n) for n in (1, 2, 3)}


def waiting(sequence: int, state: str) -> Waiting:
    return Waiting("households", SUBJECT, sequence, state)


def test_all_applied_once_and_in_order_is_clean() -> None:
    found = judge(EVENTS, ["e1", "e2", "e3"], [])
    assert found.clean
    assert found.figures() == {
        "committed": 3, "applied": 3, "parked": 0, "lost": 0, "twice": 0, "out_of_order": 0
    }  # fmt: skip


def test_what_was_never_applied_is_lost() -> None:
    assert judge(EVENTS, ["e1", "e2"], []).lost == ["e3"]


def test_what_was_applied_again_is_twice_and_not_out_of_order() -> None:
    found = judge(EVENTS, ["e1", "e2", "e1", "e3"], [])
    assert (found.twice, found.out_of_order, found.lost) == (["e1"], [], [])


def test_an_inversion_is_out_of_order() -> None:
    assert judge(EVENTS, ["e2", "e1", "e3"], []).out_of_order == ["e2", "e1"]


def test_a_hole_is_out_of_order_and_lost() -> None:
    found = judge(EVENTS, ["e1", "e3"], [])
    assert (found.out_of_order, found.lost) == (["e3"], ["e2"])


def test_other_subjects_have_an_order_of_their_own() -> None:
    other = {"f1": Committed("households", "another", 1), "g1": Committed("pairing", SUBJECT, 1)}
    assert judge({**EVENTS, **other}, ["g1", "e1", "f1", "e2", "e3"], []).clean


def test_a_parked_event_and_those_behind_it_are_parked() -> None:
    found = judge(EVENTS, ["e1"], [waiting(2, "parked"), waiting(3, "ahead")])
    assert (found.parked, found.applied, found.lost) == (2, 1, [])


def test_what_waits_behind_nothing_parked_is_lost() -> None:
    assert judge(EVENTS, ["e1"], [waiting(3, "ahead")]).lost == ["e2", "e3"]
    assert judge(EVENTS, ["e1"], [waiting(2, "retry")]).lost == ["e2", "e3"]


def test_what_was_applied_and_never_committed_is_unheard_of() -> None:
    found = judge(EVENTS, ["e1", "e2", "e3", "ghost"], [])
    assert found.unheard_of == ["ghost"]
    assert not found.clean


@pytest.fixture
def database(database_server: str, namespace: str) -> Iterator[str]:
    url = make_url(database_server)
    admin = psycopg2.connect(
        host=url.host, port=url.port, user=url.username, password=url.password, dbname="postgres"
    )
    admin.autocommit = True
    name = f"{namespace}_checked"
    with admin.cursor() as cursor:
        cursor.execute(f'create database "{name}"')
        yield f"host={url.host} port={url.port} user={url.username} dbname={name}"
        cursor.execute(f'drop database "{name}" with (force)')
    admin.close()


TABLES = """
    create table outbox (event_id uuid, subject text, sequence bigint);
    create table chaos_witness (n bigserial, event_id uuid, subject text, type text);
    create table inbox_waiting (source text, subject text, epoch int, sequence bigint, state text);
    insert into outbox select md5(n::text)::uuid, 's', n from generate_series(1, 6) n;
    insert into chaos_witness (event_id) select md5(n::text)::uuid from unnest(array[1, 3, 1]) n;
    insert into inbox_waiting values ('/kith/990101/pairing', 's', 1, 5, 'parked'), ('/kith/990101/pairing', 's', 1, 6, 'ahead');
"""


def test_it_reads_the_tables_as_they_are(database: str) -> None:
    connection = psycopg2.connect(database)
    with connection, connection.cursor() as cursor:
        cursor.execute(TABLES)
    connection.close()
    found = check(Consumer("notify", database, {"pairing": database}))
    assert found.figures() == {
        "committed": 6, "applied": 2, "parked": 2, "lost": 2, "twice": 1, "out_of_order": 1
    }  # fmt: skip


def imported(source: str) -> set[str]:
    """The packages that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or ".").split(".")[0])
    return found


def test_the_checker_shares_no_code_with_what_it_checks() -> None:
    ours = {"chassis", "contracts", "services", "gateway", "kith", "tests", "."}
    assert not imported(Path(str(checker.__file__)).read_text()) & ours
    assert imported("from chassis import inbox\nimport kith.cli") & ours == {"chassis", "kith"}
