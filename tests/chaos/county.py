"""The county that suffers: private servers behind proxies, an installation that is seeded once and set back for each run."""

import base64
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from kombu import Connection
from sqlalchemy.engine import make_url

from chassis.addresses import owner_url
from chassis.namespace import Namespace
from chassis.settings import Settings
from contracts.actor import Role
from contracts.catalogue import SOURCES
from kith import demo, installing, seeding, starting
from kith.journey import steps
from kith.processes import free_port, roles
from kith.registry import CONSUMERS, MIGRATIONS
from tests.chaos import witness
from tests.chaos.births import Nurseries
from tests.chaos.checker import Consumer
from tests.chaos.conditions import Conditions
from tests.chaos.proxy import Proxy
from tests.chaos.supervisor import Environment, Supervisor
from tests.support.private_broker import PrivateBroker
from tests.support.private_folders import LOOPBACK
from tests.support.private_postgres import PrivatePostgres
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

TODAY = date(2026, 4, 15)
WRITERS = 6
SETTLE_SECONDS = 90.0


def processes() -> dict[str, list[str]]:
    """Every role of the distributed mode; measure and the relay twice."""
    found = roles()
    for twice in ("serve-measure", "relay"):
        found[f"{twice}-2"] = found[twice]
    return found


@dataclass
class Seeded:
    """What the seed left behind for writers to work on."""

    households: list[dict[str, Any]] = field(default_factory=list)
    villages: list[str] = field(default_factory=list)


class County:
    """Enter it to have everything installed, seeded and stopped; `set_back` before each run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seeded = Seeded()
        self.broker, self.postgres = PrivateBroker(), PrivatePostgres()
        self.nurseries = Nurseries()
        self._exits = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as exits:
            exits.enter_context(self.nurseries)
            exits.enter_context(self.broker)
            exits.enter_context(self.postgres)
            self.amqp = exits.enter_context(Proxy(self.broker.port))
            self.sql = exits.enter_context(Proxy(self.postgres.port))
            files = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="kith-chaos-")))
            self.settings = self._settings(files)
            self._install()
            self._exits = exits.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        self._exits.__exit__(*error)

    @property
    def names(self) -> Namespace:
        return Namespace(self.settings.namespace)

    @property
    def url(self) -> str:
        """The gateway's address."""
        return f"http://{self.settings.host}:{self.settings.port}"

    @property
    def direct(self) -> Settings:
        """The same installation past the proxies, for whoever looks on."""
        return self.settings.model_copy(
            update={"database_url": _secret(self.postgres.url), "broker_url": _secret(self.broker.url)}
        )

    def connection(self, database: str) -> str:
        """libpq's words for one database, as the server's own login, past the proxy."""
        url = make_url(self.postgres.url)
        return f"host={url.host} port={url.port} user={url.username} dbname={self.names.database(database)}"

    def consumers(self) -> list[Consumer]:
        """Whom the checker has to look at, as data."""
        return [
            Consumer(
                name,
                self.connection(service.database_name),
                {source: self.connection(source) for source in sorted(service.sources(SOURCES))},
            )
            for name, service in CONSUMERS.items()
        ]

    def kith(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run an operator's command on the installation."""
        environment = {**os.environ, **self.direct.environment()}
        command = [sys.executable, "-m", "kith", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def processes(self, environment: Environment, logs: Path) -> Supervisor:
        """The processes of the installation, to be entered; `environment` tells each what it suffers."""
        return Supervisor(self.nurseries, processes(), self.settings.environment(), environment, logs)

    def set_back(self) -> None:
        """Every database as the seed left it, every queue empty."""
        with self._admin() as admin:
            for database in MIGRATIONS:
                self._copy(admin, f"{self.names.database(database)}_seeded", self.names.database(database))
        with Connection(self.broker.url) as broker:
            channel = broker.channel()
            for consumer in CONSUMERS:
                channel.queue_purge(self.names.inbox_queue(consumer))
                channel.queue_purge(self.names.dead_queue(consumer))

    def account(self, number: int) -> demo.SignIn:
        """A county officer of a writer's own: what waits in the intake waits per person."""
        return demo.account(self.direct, f"writer{number}", Role.COUNTY_OFFICER, self.settings.county)

    # --- how it comes to stand

    def _settings(self, files: Path) -> Settings:
        return Settings(
            namespace=f"chaos{os.urandom(3).hex()}",
            mode="broker",
            secret=base64.b64encode(os.urandom(32)).decode(),
            database_url=f"postgresql+psycopg2://postgres@{LOOPBACK}:{self.sql.port}/postgres",
            broker_url=f"amqp://guest:guest@{LOOPBACK}:{self.amqp.port}/",
            files=files,
            port=free_port(),
            today=TODAY,
            second_factor="offered",
        )

    def _install(self) -> None:
        installing.install(self.direct)
        for consumer in CONSUMERS.values():
            self._place_witness(consumer.database_name)
        for number in range(WRITERS):
            self.account(number)
        quiet = Conditions().environment()
        with self.processes(lambda *_: quiet, self.folder / "seed"):
            starting.wait_until_ready(self.url, threading.Event())
            self._seed()
        self.broker.restart()  # a young quorum queue does not survive a SIGKILL on RabbitMQ 3.10
        self._keep()

    def _place_witness(self, database: str) -> None:
        engine = sa.create_engine(owner_url(self.direct, database))
        with engine.begin() as connection:
            connection.exec_driver_sql(witness.TABLE)
            connection.exec_driver_sql(f'grant select, insert on chaos_witness to "{self.names.app_role}"')
            connection.exec_driver_sql(f'grant usage on sequence chaos_witness_n_seq to "{self.names.app_role}"')
        engine.dispose()

    def _seed(self) -> None:
        account = self.account(0)
        officer = Visitor.enter(self.url, account.username, account.password, "survey")
        steps.import_areas(officer, seeding.sample("areas.csv"))
        steps.import_survey(officer, seeding.sample("survey.xlsx"), TODAY.year)
        steps.import_helpers(officer, seeding.sample("helpers.xlsx"))
        self._settle()
        steps.match_round(officer, self.settings.county)
        rhythms = ("weekly", "monthly", "quarterly")
        for number, match in enumerate(steps.matches(officer, "proposed")):
            if number % 4:
                steps.both_accept(officer, match, rhythms[number % 3])
        self._settle()
        self.seeded.households = sorted(officer.items("/v1/households"), key=lambda row: row["number"])
        self.seeded.villages = [a["code"] for a in officer.items("/v1/areas") if a["level"] == "village"]
        officer.close()

    def _settle(self) -> None:
        from kith.ops.status import Watch

        watch = Watch(self.direct)
        try:
            eventually(lambda: watch.status().settled, within=SETTLE_SECONDS, what="the seed to settle")
        finally:
            watch.close()

    def _keep(self) -> None:
        with self._admin() as admin:
            for database in MIGRATIONS:
                self._copy(admin, self.names.database(database), f"{self.names.database(database)}_seeded")

    @contextmanager
    def _admin(self) -> Iterator[sa.Connection]:
        engine = sa.create_engine(self.postgres.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            yield connection
        engine.dispose()

    def _copy(self, admin: sa.Connection, source: str, target: str) -> None:
        admin.exec_driver_sql(f'drop database if exists "{target}" with (force)')
        admin.exec_driver_sql(f'create database "{target}" owner "{self.names.owner_role}" template "{source}"')
        admin.exec_driver_sql(f'grant connect on database "{target}" to "{self.names.app_role}"')


def _secret(text: str) -> Any:
    from pydantic import SecretStr

    return SecretStr(text)
