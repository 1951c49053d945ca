"""How operators' tools reach an installation's databases, and in whose name they act."""

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import sqlalchemy as sa

from chassis.addresses import app_url
from chassis.database import again_if_transient
from chassis.service import Service
from chassis.settings import Settings
from contracts.actor import Actor, Role
from contracts.catalogue import SOURCES
from kith.refusing import BadInput
from kith.registry import CONSUMERS

T = TypeVar("T")


def operator(settings: Settings) -> Actor:
    """Who sits at this keyboard, as the record will name them."""
    return Actor(id=f"operator:{getpass.getuser()}", roles=frozenset({Role.OPERATOR}), area=settings.county)


def consumers(name: str | None) -> list[Service]:
    """That consumer, or all; BadInput if there is none of that name."""
    return [CONSUMERS[known(name, CONSUMERS)]] if name else list(CONSUMERS.values())


def sources(name: str | None) -> list[str]:
    """That source of events, or all; BadInput if there is none of that name."""
    return [known(name, SOURCES)] if name else list(SOURCES)


def known(name: str, names: "dict[str, Service] | tuple[str, ...]") -> str:
    """The name, if it is one of these."""
    if name not in names:
        raise BadInput(f"no service is called {name!r}; there are {', '.join(sorted(names))}")
    return name


def source_of(settings: Settings, service: str) -> str:
    """Who speaks, in the envelope of a service's events."""
    return f"/kith/{settings.county}/{service}"


@contextmanager
def engine(settings: Settings, database: str) -> Iterator[sa.Engine]:
    """A service's database, as the role that services run as."""
    found = sa.create_engine(app_url(settings, database), pool_size=1, connect_args={"connect_timeout": 5})
    try:
        yield found
    finally:
        found.dispose()


def in_transaction(settings: Settings, consumer: Service, do: Callable[[sa.Connection], T]) -> T:
    """`do` in a transaction of the consumer's database, anew after a deadlock."""

    @again_if_transient
    def once(opened: sa.Engine) -> T:
        with opened.begin() as connection:
            return do(connection)

    with engine(settings, consumer.database_name) as opened:
        return once(opened)
