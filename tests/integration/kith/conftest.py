"""One installed county for all operators' commands; each test begins without events."""

from collections.abc import Iterator

import pytest

from chassis.settings import Settings
from kith import installing
from tests.support import operating
from tests.support.hosting import fresh, settings_for
from tests.support.operating import Desk


@pytest.fixture(scope="package")
def county(database_server: str, namespace: str) -> Settings:
    settings = settings_for(database_server, fresh(f"{namespace}ops"))
    installing.install(settings)
    operating.prepare(settings)
    operating.clear(settings)
    return settings


@pytest.fixture
def desk(county: Settings) -> Iterator[Desk]:
    with operating.desk(county) as found:
        yield found
