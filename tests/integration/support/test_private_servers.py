"""Private servers are what chaos tests stand on: they must die at once, come back, and be heard by no one else."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import amqp
import psutil  # type: ignore[import-untyped,unused-ignore]
import pytest
from sqlalchemy import create_engine, text

from chassis.embedded_postgres import answers
from chassis.postgres_programs import server_account, wheel_programs
from tests.support import servers
from tests.support.listeners import listening_addresses
from tests.support.private_broker import broker_answers, installed_script
from tests.support.servers import PrivateBroker, PrivatePostgres
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def broker() -> Iterator[PrivateBroker]:
    if not installed_script():
        servers.broker_missing()
    with PrivateBroker() as broker:
        yield broker


def run_sql(url: str, statement: str) -> list[object]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        result = connection.execute(text(statement))
        rows = list(result.scalars()) if result.returns_rows else []
    engine.dispose()
    return rows


def channel_to(broker: PrivateBroker) -> amqp.Channel:
    link = amqp.Connection(f"127.0.0.1:{broker.port}", connect_timeout=5, read_timeout=10, confirm_publish=True)
    link.connect()
    return link.channel()


def test_a_killed_database_comes_back_on_its_port_with_all_that_was_committed() -> None:
    with PrivatePostgres() as server:
        url = server.url
        run_sql(url, "CREATE TABLE visit (id int)")
        run_sql(url, "INSERT INTO visit SELECT generate_series(1, 1000)")
        assert listening_addresses(server.pid or 0) == {"127.0.0.1"}
        server.kill()
        assert not answers(url)
        assert server.start() == url
        assert run_sql(url, "SELECT count(*) FROM visit") == [1000]
    assert not answers(url)
    assert not server.data_dir.exists()


def test_killing_a_database_leaves_none_of_its_processes() -> None:
    with PrivatePostgres(programs=wheel_programs(server_account())) as server:
        root = psutil.Process(server.pid)
        family = [root, *root.children(recursive=True)]
        assert len(family) > 1
        server.kill()
        assert not [each for each in family if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.broker
def test_a_killed_broker_comes_back_on_its_port_with_all_that_was_confirmed(broker: PrivateBroker) -> None:
    quorum = {"x-queue-type": "quorum"}
    channel_to(broker).queue_declare("visits", durable=True, auto_delete=False, arguments=quorum)
    broker.restart()  # else the queue's name may not be on disk yet
    channel = channel_to(broker)
    for number in range(20):
        channel.basic_publish(amqp.Message(str(number), delivery_mode=2), routing_key="visits")
    url = broker.url
    broker.kill()
    assert not broker_answers(url)
    assert broker.start() == url
    channel = channel_to(broker)
    held = [
        eventually(lambda: channel.basic_get("visits"), within=30, what="a confirmed message").body
        for _ in range(20)
    ]
    assert held == [str(number) for number in range(20)]


@pytest.mark.broker
def test_a_broker_and_its_port_mapper_are_heard_on_loopback_only(broker: PrivateBroker) -> None:
    mapper = broker.port_mapper_pid
    assert broker.pid and mapper
    assert listening_addresses(broker.pid) == {"127.0.0.1"}
    assert listening_addresses(mapper) <= {"127.0.0.1", "::1"}


@pytest.mark.broker
def test_a_broker_stopped_in_good_order_leaves_no_process_behind(broker: PrivateBroker) -> None:
    watched = [psutil.Process(pid) for pid in (broker.pid, broker.port_mapper_pid) if pid]
    assert len(watched) == 2
    broker.stop()
    assert not [each for each in watched if each.is_running()]
    broker.start()


KEEPER = """
import sys
from tests.support.servers import PrivatePostgres
server = PrivatePostgres()
server.start()
print(server.pid, server.data_dir, flush=True)
sys.stdin.read()
"""


def test_a_private_server_ends_with_a_test_run_that_was_killed() -> None:
    keeper = subprocess.Popen([sys.executable, "-c", KEEPER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert keeper.stdout and keeper.stdin
    pid, folder = keeper.stdout.readline().decode().split()
    server = psutil.Process(int(pid))
    os.kill(keeper.pid, signal.SIGKILL)
    keeper.communicate(timeout=10)
    eventually(lambda: not server.is_running(), within=20, what="the end of the orphaned server")
    eventually(lambda: not Path(folder).exists(), within=20, what="the end of its folder")


def test_waiting_for_what_never_comes_fails_and_names_it() -> None:
    with pytest.raises(AssertionError, match="the impossible: not within"):
        eventually(lambda: False, within=0.05, what="the impossible")


def test_sweeping_a_namespace_leaves_others_alone() -> None:
    with PrivatePostgres() as server:
        for name in ("t1234abcd", "tffff0000"):
            run_sql(server.url, f"CREATE ROLE {name}_owner")
            run_sql(server.url, f"CREATE DATABASE {name}_pairing OWNER {name}_owner")
            run_sql(server.url, f"GRANT ALL ON SCHEMA public TO {name}_owner")
        servers.sweep(server.url, "t1234abcd")
        left = run_sql(server.url, "SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles")
        assert {str(name) for name in left if str(name).startswith("t1234abcd")} == set()
        assert {"tffff0000_pairing", "tffff0000_owner"} <= {str(name) for name in left}


def test_an_absent_broker_skips_at_home_and_fails_in_continuous_integration(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install rabbitmq-server"):
        servers.broker_missing()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt-get install rabbitmq-server"):
        servers.broker_missing()


def test_servers_named_by_the_environment_are_used_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_TEST_DATABASE_URL", "postgresql+psycopg2://elsewhere/db")
    monkeypatch.setenv("KITH_TEST_BROKER_URL", "amqp://elsewhere/")
    with servers.database_server() as database, servers.broker_server() as broker:
        assert (database, broker) == ("postgresql+psycopg2://elsewhere/db", "amqp://elsewhere/")


def test_without_any_standing_server_a_private_database_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KITH_TEST_DATABASE_URL", raising=False)
    monkeypatch.setattr(servers, "LOCAL_DATABASE", "postgresql+psycopg2://postgres@127.0.0.1:1/postgres")
    with servers.database_server() as url:
        assert run_sql(url, "SELECT 1") == [1]
    assert not answers(url)


def test_without_any_installed_broker_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KITH_TEST_BROKER_URL", raising=False)
    monkeypatch.setattr(servers, "LOCAL_BROKER", "amqp://guest:guest@127.0.0.1:1/")
    monkeypatch.setattr(servers, "installed_script", lambda: None)
    with servers.broker_server() as url:
        assert url is None


def test_the_run_has_a_database_a_broker_and_a_namespace(
    namespace: str, database_server: str, broker_server: str, request: pytest.FixtureRequest
) -> None:
    run_sql(database_server, f"CREATE DATABASE {namespace}_trial")
    assert run_sql(database_server, f"SELECT datname FROM pg_database WHERE datname = '{namespace}_trial'")
    assert broker_answers(broker_server)
    assert {"broker", "database"} <= {mark.name for mark in request.node.iter_markers()}
