"""What a hosted service has at hand: its table of contents, database, clock, keys, files and peers."""

from dataclasses import dataclass
from typing import Protocol

from chassis.addresses import app_url
from chassis.clock import Clock
from chassis.database import Database
from chassis.files import Files
from chassis.keys import Keys
from chassis.namespace import Namespace
from chassis.service import Service
from chassis.settings import Settings
from contracts.actor import Actor
from contracts.messages import Query, View


class PeerAway(Exception):
    """Another service did not answer in time, or refused the question."""


class Peers(Protocol):
    """How a service asks another one: authorised queries only, never commands."""

    def ask(self, query: Query, actor: Actor, traceparent: str | None) -> View:
        """The other service's answer; PeerAway if there is none."""
        ...


@dataclass(frozen=True)
class Runtime:
    """One service in one process."""

    service: Service
    settings: Settings
    clock: Clock
    database: Database
    keys: Keys
    files: Files
    peers: Peers

    @classmethod
    def of(cls, service: Service, settings: Settings, peers: Peers, *, pool_size: int = 5) -> "Runtime":
        """A service's runtime as the settings ask for."""
        keys = Keys.of(settings)
        return cls(
            service=service,
            settings=settings,
            clock=Clock.of(settings),
            database=Database(app_url(settings, service.database_name), pool_size=pool_size),
            keys=keys,
            files=Files(settings.files, keys.key("files")),
            peers=peers,
        )

    @property
    def source(self) -> str:
        """Who speaks, in the envelope of events."""
        return f"/kith/{self.settings.county}/{self.service.name}"

    @property
    def names(self) -> Namespace:
        """The installation's names."""
        return Namespace(self.settings.namespace)

    @property
    def system(self) -> Actor:
        """The service acting for itself: the county's range."""
        return Actor.system(self.service.name, self.settings.county)
