"""The activities service on a database of its own."""

from collections.abc import Iterator

import pytest

import services.activities
from chassis.runtime import Runtime
from services.activities.service import SERVICE
from tests.support.activities import COUNTY, TODAY
from tests.support.hosting import fresh, settings_for
from tests.support.service_calls import NoPeers, Speaker, hosted


@pytest.fixture(scope="package")
def runtime(database_server: str, namespace: str) -> Iterator[Runtime]:
    settings = settings_for(database_server, fresh(f"{namespace}act"), TODAY, county=COUNTY)
    with hosted(SERVICE, str(services.activities.__file__), settings, NoPeers()) as found:
        yield found


@pytest.fixture
def speaker(runtime: Runtime) -> Speaker:
    return Speaker(runtime)
