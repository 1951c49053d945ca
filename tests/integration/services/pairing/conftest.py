"""The pairing service on a database of its own; every test has a township of its own in it."""

from collections.abc import Iterator

import pytest

import services.pairing
from chassis.runtime import Runtime
from services.pairing.service import SERVICE
from tests.support.hosting import fresh, settings_for
from tests.support.pairing_place import COUNTY, TODAY, Place
from tests.support.service_calls import NoPeers, Speaker, hosted


@pytest.fixture(scope="package")
def runtime(database_server: str, namespace: str) -> Iterator[Runtime]:
    settings = settings_for(database_server, fresh(f"{namespace}pair"), TODAY, county=COUNTY)
    with hosted(SERVICE, str(services.pairing.__file__), settings, NoPeers()) as found:
        yield found


@pytest.fixture
def speaker(runtime: Runtime) -> Speaker:
    return Speaker(runtime)


@pytest.fixture
def place(speaker: Speaker) -> Place:
    return Place.new(speaker)
