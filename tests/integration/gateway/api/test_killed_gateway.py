"""A real gateway is killed after it took commands in, before and after it delivers one: each is carried out once."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from kombu import Connection

from chassis import topology
from chassis.addresses import app_url
from chassis.ids import new_id
from chassis.namespace import Namespace
from chassis.settings import Settings
from contracts.actor import Role
from contracts.gateway import CreateAccount
from gateway.office.running import create_account
from kith.installing import install
from kith.processes import free_port
from tests.support import servers
from tests.support.front_door import COUNTY, HERE, PASSWORD
from tests.support.hosting import settings_for
from tests.support.waiting import eventually

PEOPLE, VISITS = 3, 4
KILLED = -signal.SIGKILL
BROKEN = "tests.support.forgetful_gateway"


@dataclass(frozen=True)
class Place:
    """An installation whose gateway and one service are processes of their own."""

    settings: Settings
    household: UUID

    @contextmanager
    def process(
        self, *words: str, module: str = "kith", crash_points: str = ""
    ) -> Iterator[subprocess.Popen[bytes]]:
        told = self.settings.model_copy(update={"crash_points": crash_points})
        with (self.settings.files / "log").open("ab") as log:
            running = subprocess.Popen(
                [sys.executable, "-m", module, *words],
                env={**os.environ, **told.environment()},
                stdout=log,
                stderr=log,
            )
        try:
            yield running
        finally:
            if running.poll() is None:
                running.send_signal(signal.SIGKILL)
            running.wait(20)

    @contextmanager
    def gateway(self, crash_points: str = "", module: str = "kith") -> Iterator[subprocess.Popen[bytes]]:
        words = ("gateway",) if module == "kith" else ()
        with self.process(*words, module=module, crash_points=crash_points) as running:
            yield running

    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url()}/health/live", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def rows(self, database: str, statement: str) -> list[sa.Row[tuple[object, ...]]]:
        engine = sa.create_engine(app_url(self.settings, database))
        with engine.begin() as connection:
            connection.execute(sa.text("select set_config('kith.area', :area, true)"), {"area": COUNTY})
            found = list(connection.execute(sa.text(statement)))
        engine.dispose()
        return found

    def waiting(self) -> int:
        return len(self.rows("gateway", "select 1 from intake where state = 'waiting'"))

    def visits(self) -> Counter[str]:
        """How many visits stand there for each day and reporter."""
        rows = self.rows("activities", "select reported_by || ' ' || visited_on as visit from visit")
        return Counter(str(row.visit) for row in rows)


@pytest.fixture
def place(database_server: str, broker_server: str) -> Iterator[Place]:
    settings = settings_for(
        database_server, f"chaos{os.urandom(4).hex()}", broker_url=broker_server, mode="broker", port=free_port(),
        county=COUNTY,
    )  # fmt: skip
    Path(settings.files).mkdir(exist_ok=True)
    install(settings)
    household = new_id()
    engine = sa.create_engine(app_url(settings, "activities"))
    with engine.begin() as connection:
        connection.execute(sa.text("select set_config('kith.area', :area, true)"), {"area": COUNTY})
        connection.execute(
            sa.text("insert into known_household values (:id, :area)"), {"id": household, "area": f"{HERE}001"}
        )
    engine.dispose()
    yield Place(settings, household)
    names = Namespace(settings.namespace)
    with Connection(broker_server) as broker:
        topology.remove(broker, names, ["activities"])
        broker.channel().queue_delete(f"rpc-{names.service('activities')}")
        broker.channel().exchange_delete(names.rpc_exchange)
    servers.sweep(database_server, settings.namespace)


def take_in(place: Place) -> None:
    """Several people report visits while their service is away."""
    for number in range(PEOPLE):
        name = f"worker{number}"
        roles = frozenset({Role.VILLAGE_WORKER})
        create_account(place.settings, CreateAccount(username=name, password=PASSWORD, roles=roles, area_code=HERE))
        with httpx.Client(base_url=place.url(), trust_env=False, timeout=30) as http:
            token = http.post("/v1/session", json={"username": name, "password": PASSWORD}).json()["token"]
            http.headers["Authorization"] = f"Bearer {token}"
            for day in range(1, VISITS + 1):
                sent = {
                    "household_id": str(place.household),
                    "visited_on": f"2026-04-0{day}",
                    "outcome": "all_well",
                }
                answer = http.post("/v1/visits", json=sent, headers={"Idempotency-Key": f"{name}-{day}"})
                assert answer.status_code == 202, answer.text


def survive(place: Place, module: str = "kith") -> Counter[str]:
    """Take in, be killed at each place, deliver the rest; what stands in the service's database then."""
    with place.gateway() as gateway:
        eventually(place.answers, within=60, what="the gateway")
        take_in(place)
        gateway.send_signal(signal.SIGKILL)
    assert place.waiting() == PEOPLE * VISITS, "what was answered 202 outlives the gateway"
    with place.process("serve", "activities"):
        for point in ("intake.deliver=1", "intake.delivered=1"):
            with place.gateway(point, module) as gateway:
                assert gateway.wait(90) == KILLED, f"it never came to {point}"
        with place.gateway("", module):
            eventually(lambda: place.waiting() == 0, within=90, what="an empty intake")
    return place.visits()


@pytest.mark.timeout(300)
def test_what_a_killed_gateway_took_in_is_carried_out_once(place: Place) -> None:
    visits = survive(place)
    assert len(visits) == PEOPLE * VISITS, "nothing lost"
    assert set(visits.values()) == {1}, "nothing twice"
    assert {row.state for row in place.rows("gateway", "select state from intake")} == {"delivered"}


@pytest.mark.timeout(300)
def test_control_a_gateway_that_forgets_keys_carries_something_out_twice(place: Place) -> None:
    visits = survive(place, BROKEN)
    assert max(visits.values()) > 1


@pytest.mark.timeout(300)
def test_killed_before_it_could_answer_it_has_kept_the_command_once(place: Place) -> None:
    with place.gateway() as gateway:
        eventually(place.answers, within=60, what="the gateway")
        create_account(
            place.settings,
            CreateAccount(
                username="worker", password=PASSWORD, roles=frozenset({Role.VILLAGE_WORKER}), area_code=HERE
            ),
        )
        with httpx.Client(base_url=place.url(), trust_env=False, timeout=30) as http:
            token = http.post("/v1/session", json={"username": "worker", "password": PASSWORD}).json()["token"]
        gateway.send_signal(signal.SIGKILL)
    sent = {"household_id": str(place.household), "visited_on": "2026-04-01", "outcome": "all_well"}
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "asked-again"}
    with place.gateway("intake.kept=1") as gateway:
        eventually(place.answers, within=60, what="the gateway")
        with pytest.raises(httpx.TransportError):
            httpx.post(f"{place.url()}/v1/visits", json=sent, headers=headers, trust_env=False, timeout=30)
        assert gateway.wait(20) == KILLED
    with place.gateway():
        eventually(place.answers, within=60, what="the gateway")
        again = httpx.post(f"{place.url()}/v1/visits", json=sent, headers=headers, trust_env=False, timeout=30)
        assert again.status_code == 202
        assert place.waiting() == 1
