"""How fast a record is verified, and in how much memory."""

import resource
import time

import sqlalchemy as sa

from chassis import audit
from chassis.addresses import app_url, owner_url
from chassis.clock import Clock
from contracts.actor import Actor, Role
from tests.load.front_door.place import Place

CHUNK = 2_000


def fill(place: Place, rows: int) -> None:
    """So many lines in the gateway's record."""
    actor = Actor(id="bench", roles=frozenset({Role.TOWNSHIP_OFFICER}), area=place.settings.county)
    now = Clock.of(place.settings).now()
    entry = audit.Entry.by(actor, now, "households.household_file", about=actor.id, outcome="done", decision=None)
    engine = sa.create_engine(owner_url(place.settings, "gateway"))
    for _ in range(rows // CHUNK):
        with engine.begin() as connection:
            audit.append(connection, [entry] * CHUNK)
    engine.dispose()


def verify(place: Place) -> tuple[float, float]:
    """(rows a second, MiB that the process grew by)."""
    engine = sa.create_engine(app_url(place.settings, "gateway"))
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    with engine.connect() as connection:
        rows, broken = audit.verify(connection)
    seconds = time.perf_counter() - started
    engine.dispose()
    if broken is not None:
        raise RuntimeError(f"row {broken.number} is {broken.what}")
    return rows / seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
