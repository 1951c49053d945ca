"""The households service, with an empty database before each test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import sqlalchemy as sa

import services.households
from chassis.addresses import owner_url
from chassis.runtime import Runtime
from services.households.service import SERVICE
from tests.support.hosting import fresh, settings_for
from tests.support.households import COUNTY, TODAY, Office
from tests.support.service_calls import NoPeers, hosted

KEPT = ("epoch", "audit_head", "alembic_version")


@pytest.fixture(scope="package")
def installed(database_server: str, namespace: str) -> Iterator[Callable[[str], Runtime]]:
    """One installation per county."""
    with ExitStack() as stack:
        runtimes: dict[str, Runtime] = {}

        def of(county: str) -> Runtime:
            if county not in runtimes:
                settings = settings_for(database_server, fresh(f"{namespace}hh{county[:2]}"), TODAY, county=county)
                package = str(services.households.__file__)
                runtimes[county] = stack.enter_context(hosted(SERVICE, package, settings, NoPeers()))
            return runtimes[county]

        yield of


@pytest.fixture
def found_office(installed: Callable[[str], Runtime]) -> Callable[[str], Office]:
    """A county's service, without a row."""

    def found(county: str) -> Office:
        runtime = installed(county)
        _empty(runtime)
        return Office(runtime)

    return found


@pytest.fixture
def empty_office(found_office: Callable[[str], Office]) -> Office:
    return found_office(COUNTY)


@pytest.fixture
def office(empty_office: Office) -> Office:
    """With the sample county's areas."""
    empty_office.import_areas()
    return empty_office


def _empty(runtime: Runtime) -> None:
    engine = sa.create_engine(owner_url(runtime.settings, "households"))
    with engine.begin() as connection:
        tables = connection.scalars(sa.text("select tablename from pg_tables where schemaname = 'public'"))
        connection.exec_driver_sql(f"truncate {', '.join(set(tables) - set(KEPT))} restart identity")
    engine.dispose()
