"""What a service has at hand while it runs: settings, clock, database, keys, files and peers."""

from dataclasses import dataclass
from typing import Protocol

from chassis.clock import Clock
from chassis.database import Database
from chassis.files import Files
from chassis.keys import Keys
from chassis.namespace import Namespace
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
class Surroundings:
    """Everything around the service called `name`, in one process."""

    name: str
    settings: Settings
    clock: Clock
    database: Database
    keys: Keys
    files: Files
    peers: Peers

    @property
    def source(self) -> str:
        """Who speaks, in the envelope of events."""
        return f"/kith/{self.settings.county}/{self.name}"

    @property
    def names(self) -> Namespace:
        """The installation's names."""
        return Namespace(self.settings.namespace)

    @property
    def system(self) -> Actor:
        """The service acting for itself: the county's range."""
        return Actor.system(self.name, self.settings.county)
