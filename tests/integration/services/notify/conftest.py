"""The notify service on a database of its own, with a strict bridge and the owners of contacts beside it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

import services.notify
from chassis.hosts.inprocess import InProcessPeers
from chassis.runtime import Runtime
from chassis.schema import job
from chassis.worker import Worker
from services.notify.service import SERVICE
from tests.support.hosting import fresh, settings_for
from tests.support.notify import COUNTY, TODAY, Bridge, Owners
from tests.support.service_calls import Speaker, hosted


@dataclass
class House:
    """A running notify service and what stands around it."""

    runtime: Runtime
    bridge: Bridge
    owners: Owners


@pytest.fixture(scope="package")
def house(database_server: str, namespace: str) -> Iterator[House]:
    owners, peers = Owners(), InProcessPeers(5)
    peers.executors.update(dict.fromkeys(("households", "pairing"), owners))  # type: ignore[arg-type]
    with Bridge() as bridge:
        settings = settings_for(
            database_server, fresh(f"{namespace}ntf"), TODAY, county=COUNTY, webhook_url=bridge.url
        )
        with hosted(SERVICE, str(services.notify.__file__), settings, peers) as runtime:
            yield House(runtime, bridge, owners)


@pytest.fixture
def runtime(house: House) -> Runtime:
    return house.runtime


@pytest.fixture
def speaker(house: House) -> Iterator[Speaker]:
    yield Speaker(house.runtime)
    house.bridge.down = False
    with house.runtime.database.begin() as connection:
        connection.execute(sa.delete(job))


@pytest.fixture
def bridge(house: House, speaker: Speaker) -> Bridge:
    return house.bridge


@pytest.fixture
def owners(house: House, speaker: Speaker) -> Owners:
    return house.owners


@pytest.fixture
def work_off(house: House) -> Callable[[], int]:
    """Do every job that is open, as if its time had come; how many attempts that was."""
    worker = Worker(house.runtime, threading.Event())

    def do() -> int:
        with house.runtime.database.begin() as connection:
            opened = connection.execute(
                sa.update(job)
                .where(job.c.state == "queued")
                .values(run_at=sa.func.now() - sa.text("interval '1 s'"))
            ).rowcount
        for _ in range(opened):
            assert worker.run_one()
        return opened

    return do
