"""A hosted service: its table of contents with all that surrounds it."""

from dataclasses import dataclass

from chassis.addresses import app_url
from chassis.clock import Clock
from chassis.database import Database
from chassis.files import Files
from chassis.keys import Keys
from chassis.service import Service
from chassis.settings import Settings
from chassis.surroundings import Peers, Surroundings


@dataclass(frozen=True)
class Runtime(Surroundings):
    """One service in one process."""

    service: Service

    @classmethod
    def of(cls, service: Service, settings: Settings, peers: Peers, *, pool_size: int = 5) -> "Runtime":
        """A service's runtime as the settings ask for."""
        keys = Keys.of(settings)
        return cls(
            name=service.name,
            settings=settings,
            clock=Clock.of(settings),
            database=Database(app_url(settings, service.database_name), pool_size=pool_size),
            keys=keys,
            files=Files(settings.files, keys.key("files")),
            peers=peers,
            service=service,
        )
