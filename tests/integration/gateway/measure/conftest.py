"""A measure of its own for each test: a fresh database, the county's day fixed, the real inbox."""

from collections.abc import Iterator
from itertools import count

import pytest

from chassis import migrating
from chassis.hosts.inprocess import InProcessPeers
from chassis.runtime import Runtime
from gateway.measure.service import MEASURE
from tests.integration.gateway.measure.installation import GATEWAY_MIGRATIONS, Installation
from tests.support.hosting import settings_for

_NUMBERS = count()


@pytest.fixture
def measure(database_server: str, namespace: str) -> Iterator[Installation]:
    settings = settings_for(database_server, f"{namespace}m{next(_NUMBERS)}")
    migrating.create(settings, ["gateway"])
    migrating.upgrade(settings, "gateway", GATEWAY_MIGRATIONS)
    runtime = Runtime.of(MEASURE, settings, InProcessPeers(5), pool_size=8)
    yield Installation(runtime)
    runtime.database.close()
