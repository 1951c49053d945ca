"""A real gateway is killed after two people agreed, before and after it carries that out: it is done once."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa

from chassis.addresses import app_url
from chassis.settings import Settings
from contracts.actor import Role
from contracts.gateway import CreateAccount
from gateway.office.running import create_account
from kith.installing import install
from kith.processes import free_port
from tests.support import servers
from tests.support.front_door import COUNTY, PASSWORD
from tests.support.hosting import settings_for
from tests.support.waiting import eventually

KILLED = -signal.SIGKILL
BROKEN = "tests.support.forgetful_approvals"
WANTED = "wanted.by.two"


class Place:
    """An installation whose gateway is a process of its own."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.url = f"http://127.0.0.1:{settings.port}"

    @contextmanager
    def gateway(self, crash_points: str = "", module: str = "kith") -> Iterator[subprocess.Popen[bytes]]:
        told = self.settings.model_copy(update={"crash_points": crash_points})
        words = ["gateway"] if module == "kith" else []
        with (Path(self.settings.files) / "log").open("ab") as log:
            running = subprocess.Popen(
                [sys.executable, "-m", module, *words],
                env={**os.environ, **told.environment()},
                stdout=log,
                stderr=log,
            )
        try:
            eventually(self.answers, within=60, what="the gateway")
            yield running
        finally:
            if running.poll() is None:
                running.send_signal(signal.SIGKILL)
            running.wait(20)

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/live", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def person(self, role: Role) -> httpx.Client:
        name = f"the.{role.replace('_', '.')}"
        create_account(
            self.settings,
            CreateAccount(username=name, password=PASSWORD, roles=frozenset({role}), area_code=COUNTY),
        )
        http = httpx.Client(base_url=self.url, trust_env=False, timeout=30)
        token = http.post("/v1/session", json={"username": name, "password": PASSWORD}).json()["token"]
        http.headers["Authorization"] = f"Bearer {token}"
        return http

    def rows(self, statement: str) -> list[sa.Row[tuple[object, ...]]]:
        engine = sa.create_engine(app_url(self.settings, "gateway"))
        with engine.begin() as connection:
            connection.execute(sa.text("select set_config('kith.area', :area, true)"), {"area": COUNTY})
            found = list(connection.execute(sa.text(statement)))
        engine.dispose()
        return found

    def state(self) -> str:
        ((state,),) = self.rows("select state from approval")
        return str(state)

    def hurry(self) -> None:
        """The clock moves on until what was approved is due again."""
        self.rows("update approval set due_at = due_at - interval '1 hour' where state = 'approved' returning 1")


@pytest.fixture
def place(database_server: str, broker_server: str) -> Iterator[Place]:
    settings = settings_for(
        database_server, f"chaos{os.urandom(4).hex()}", broker_url=broker_server, mode="broker", port=free_port(),
        county=COUNTY,
    )  # fmt: skip
    Path(settings.files).mkdir(exist_ok=True)
    install(settings)
    yield Place(settings)
    servers.sweep(database_server, settings.namespace)


def agree_and_die(place: Place, point: str, module: str) -> None:
    """Two people agree; the gateway dies at `point`, and so does the next one that takes it up there."""
    with place.gateway(f"{point}=1", module) as gateway:
        first, second = place.person(Role.OPERATOR), place.person(Role.WORKING_GROUP)
        new = {"username": WANTED, "password": PASSWORD, "roles": ["auditor"], "area_code": COUNTY}
        asked = first.post("/v1/accounts", json=new)
        assert asked.status_code == 202, asked.text
        with pytest.raises(httpx.TransportError):
            second.post(f"{asked.headers['Location']}/approve", json={"reason": "as asked"})
        assert gateway.wait(20) == KILLED
    assert place.state() == "approved"


def survive(place: Place, point: str, module: str = "kith") -> tuple[str, int]:
    """How it ended, and how many accounts were made."""
    agree_and_die(place, point, module)
    place.hurry()
    with place.gateway("", module):
        eventually(lambda: place.state() != "approved", within=60, what="the next gateway to take it up")
    return place.state(), len(place.rows(f"select 1 from account where username = '{WANTED}'"))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("point", ["approval.approved", "approval.carried_out"])
def test_what_two_people_agreed_to_outlives_the_gateway_and_is_done_once(place: Place, point: str) -> None:
    assert survive(place, point) == ("done", 1)
    ((answer,),) = place.rows("select answer ->> 'id' from approval")
    ((account,),) = place.rows(f"select id from account where username = '{WANTED}'")
    assert UUID(str(answer)) == account


@pytest.mark.timeout(300)
def test_control_a_gateway_that_forgets_keys_does_it_a_second_time(place: Place) -> None:
    assert survive(place, "approval.carried_out", BROKEN) == ("refused", 1), "the name was taken, by itself"
