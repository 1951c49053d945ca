"""A promise that was not kept, and one that was kept twice, are found on tables made by hand."""

from collections.abc import Iterator

import psycopg2
import pytest
from sqlalchemy.engine import make_url

from tests.chaos.ledger import Asked, Ledger, check

TABLES = """
    create table visit (visit_id uuid);
    create table idempotency (actor_id text, key text, answer jsonb);
    create table intake (id uuid, state text, answer jsonb);
    insert into visit select md5(n)::uuid from unnest(array['a', 'b', 'c']) n;
    insert into idempotency select 'x', n, jsonb_build_object('id', md5(n)::uuid) from unnest(array['a', 'b']) n;
    insert into intake values (md5('i')::uuid, 'delivered', jsonb_build_object('id', md5('b')::uuid)),
        (md5('j')::uuid, 'waiting', null), (md5('k')::uuid, 'delivered', jsonb_build_object('id', md5('z')::uuid));
"""


@pytest.fixture
def database(database_server: str, namespace: str) -> Iterator[str]:
    url = make_url(database_server)
    admin = psycopg2.connect(
        host=url.host, port=url.port, user=url.username, password=url.password, dbname="postgres"
    )
    admin.autocommit = True
    name = f"{namespace}_promised"
    with admin.cursor() as cursor:
        cursor.execute(f'create database "{name}"')
        found = f"host={url.host} port={url.port} user={url.username} dbname={name}"
        connection = psycopg2.connect(found)
        with connection, connection.cursor() as tables:
            tables.execute(TABLES)
        connection.close()
        yield found
        cursor.execute(f'drop database "{name}" with (force)')
    admin.close()


def uuid_of(database: str, name: str) -> str:
    connection = psycopg2.connect(database)
    with connection, connection.cursor() as cursor:
        cursor.execute("select md5(%s)::uuid::text", (name,))
        (found,) = cursor.fetchone()
    connection.close()
    return str(found)


def test_each_broken_promise_is_found_and_no_kept_one(database: str) -> None:
    def asked(key: str, status: int, made: str) -> Asked:
        return Asked("visit", key, never_blocked=True, status=status, id=uuid_of(database, made))

    ledger = Ledger(
        [
            asked("kept", 201, "a"),
            asked("gone", 201, "nowhere"),
            asked("taken in and kept", 202, "i"),
            asked("taken in and still waiting", 202, "j"),
            asked("taken in and lost", 202, "k"),
            Asked("visit", "nobody answered", never_blocked=True),
        ]
    )
    found = check(ledger, database, database)
    assert found.promised == 5
    assert found.missing == ["gone", "taken in and still waiting", "taken in and lost"]
    assert found.repeated == [uuid_of(database, "c")]
    assert not found.clean
