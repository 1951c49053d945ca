"""Which services there are and where their migrations stand. A new service adds one line here."""

from pathlib import Path

import gateway
from chassis.service import Service
from contracts.catalogue import SOURCES
from gateway.measure.service import MEASURE
from services import activities, households, notify, pairing
from services.activities.service import SERVICE as ACTIVITIES
from services.households.service import SERVICE as HOUSEHOLDS
from services.notify.service import SERVICE as NOTIFY
from services.pairing.service import SERVICE as PAIRING

SERVICES: dict[str, Service] = {s.name: s for s in (HOUSEHOLDS, PAIRING, ACTIVITIES, NOTIFY)}
"""The four services that own the programme's data."""

CONSUMERS: dict[str, Service] = {**SERVICES, MEASURE.name: MEASURE}
"""All that listen to events."""

MIGRATIONS: dict[str, Path] = {
    name: Path(str(package.__file__)).parent / "migrations"
    for name, package in {
        "households": households,
        "pairing": pairing,
        "activities": activities,
        "notify": notify,
        "gateway": gateway,
    }.items()
}
"""Database -> its migrations."""


def listeners(source: str) -> list[str]:
    """Who is bound to a service's events."""
    return [name for name, consumer in CONSUMERS.items() if source in consumer.sources(SOURCES)]
