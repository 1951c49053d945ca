"""Hosts services in this process for tests: own namespace, own databases, real PostgreSQL."""

import base64
import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from chassis import migrating, schema
from chassis.addresses import owner_url
from chassis.execution import LocalExecutor
from chassis.hosts.inprocess import InProcessPeers
from chassis.namespace import Namespace
from chassis.runtime import Runtime
from chassis.service import Service
from chassis.settings import Settings

BARE = "bare"
"""The database of services that exist only in a test: chassis tables alone."""


def fresh(namespace: str) -> str:
    """A name nobody used yet: a package's fixture is set up anew when other packages' tests ran in between."""
    return namespace + letters(4)


def letters(count: int) -> str:
    """Never digits: a namespace stands in labels, where a number would look like somebody's."""
    return "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(count))


def settings_for(
    database_url: str, namespace: str, today: date | None = date(2026, 4, 15), **more: object
) -> Settings:
    """Settings of a test installation. Who signs in is not asked for a second factor, unless a test says so."""
    return Settings(
        namespace=namespace,
        second_factor=more.pop("second_factor", "offered"),
        secret=base64.b64encode(os.urandom(32)).decode(),
        database_url=database_url,
        files=Path(tempfile.mkdtemp(prefix="kith-files-")),
        today=today,
        **more,
    )


def prepare_bare(settings: Settings, name: str) -> None:
    """A database with the chassis tables and one area-scoped table `thing`, for services made up in a test."""
    migrating.create(settings, [name])
    engine = sa.create_engine(owner_url(settings, name))
    role = Namespace(settings.namespace).app_role
    with engine.begin() as connection:
        schema.metadata.create_all(connection)
        connection.exec_driver_sql("insert into epoch (number) values (1)")
        connection.exec_driver_sql("insert into audit_head (id, hash) values (0, ''::bytea)")
        connection.exec_driver_sql(
            'create table thing (id uuid primary key, area_code text collate "C", note text)'
        )
        connection.exec_driver_sql("create table seen (n bigserial, subject text, sequence bigint, type text)")
        connection.exec_driver_sql(f'grant usage on schema public to "{role}"')
        connection.exec_driver_sql(f'grant all on all tables in schema public to "{role}"')
        connection.exec_driver_sql(f'grant all on all sequences in schema public to "{role}"')
        connection.exec_driver_sql(f'grant execute on function make_outbox_partitions(integer) to "{role}"')
    engine.dispose()


@contextmanager
def runtimes(settings: Settings, services: Sequence[Service]) -> Iterator[dict[str, Runtime]]:
    """Runtimes of prepared services, which may ask each other."""
    peers = InProcessPeers(5)
    found = {service.name: Runtime.of(service, settings, peers) for service in services}
    peers.executors.update({name: LocalExecutor(runtime) for name, runtime in found.items()})
    try:
        yield found
    finally:
        for runtime in found.values():
            runtime.database.close()
