"""The database and broker that tests use: those named, those standing ready, or private ones."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection

from chassis.embedded_postgres import answers
from tests.support.private_broker import PrivateBroker, broker_answers, installed_script
from tests.support.private_postgres import PrivatePostgres

__all__ = ["PrivateBroker", "PrivatePostgres", "broker_missing", "broker_server", "database_server", "sweep"]

LOCAL_DATABASE = "postgresql+psycopg2://postgres@127.0.0.1:5432/postgres"
LOCAL_BROKER = "amqp://guest:guest@127.0.0.1:5672/"
HOW_TO_INSTALL = "no RabbitMQ: to run the broker tests, apt-get install rabbitmq-server"


@contextmanager
def database_server() -> Iterator[str]:
    """An administrator's URL; a private server lives as long as the `with`."""
    known = os.environ.get("KITH_TEST_DATABASE_URL") or (LOCAL_DATABASE if answers(LOCAL_DATABASE) else None)
    if known:
        yield known
        return
    with PrivatePostgres() as server:
        yield server.url


@contextmanager
def broker_server() -> Iterator[str | None]:
    """A broker's URL, or None where none is and none can be started without installing something."""
    known = os.environ.get("KITH_TEST_BROKER_URL") or (LOCAL_BROKER if broker_answers(LOCAL_BROKER) else None)
    if known or not installed_script():
        yield known
        return
    with PrivateBroker() as server:
        yield server.url


def broker_missing() -> NoReturn:
    """Skip the test saying how to get a broker; in CI, where one is demanded, fail it."""
    if os.environ.get("CI", "").lower() in ("", "0", "false"):
        pytest.skip(HOW_TO_INSTALL)
    pytest.fail(HOW_TO_INSTALL)


def sweep(url: str, namespace: str) -> None:
    """Drop every database and role whose name starts with `namespace`."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as admin:
        for database in _names(admin, "SELECT datname FROM pg_database WHERE starts_with(datname, :ns)", namespace):
            admin.execute(text(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'))
        for role in _names(admin, "SELECT rolname FROM pg_roles WHERE starts_with(rolname, :ns)", namespace):
            admin.execute(text(f'DROP OWNED BY "{role}" CASCADE'))
            admin.execute(text(f'DROP ROLE "{role}"'))
    engine.dispose()


def _names(admin: Connection, query: str, namespace: str) -> list[str]:
    return list(admin.scalars(text(query), {"ns": namespace}))
