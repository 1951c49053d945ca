"""What every test may ask for: a database, a broker, and a namespace of its own."""

from collections.abc import Iterator

import pytest

from tests.support import servers
from tests.support.hosting import letters


@pytest.fixture(scope="session")
def namespace() -> str:
    """One per run and worker; prefix of every database, role, exchange and queue that tests make."""
    return f"t{letters(8)}"


@pytest.fixture(scope="session")
def database_server(namespace: str) -> Iterator[str]:
    """The administrator's URL; what carries our namespace is dropped at the end."""
    with servers.database_server() as url:
        yield url
        servers.sweep(url, namespace)


@pytest.fixture(scope="session")
def broker_server() -> Iterator[str]:
    """The broker's URL; tests delete the exchanges and queues they declare."""
    with servers.broker_server() as url:
        yield url or servers.broker_missing()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by need, so that `-m "not broker"` holds without anyone remembering it."""
    for item in items:
        needs = set(getattr(item, "fixturenames", ()))
        if "broker_server" in needs:
            item.add_marker(pytest.mark.broker)
        if "database_server" in needs:
            item.add_marker(pytest.mark.database)
