"""Hold the live indicators against a recomputation from nothing."""

from chassis.addresses import app_url
from chassis.clock import Clock
from chassis.database import Database
from chassis.settings import Settings
from contracts.area import AreaScope
from gateway.measure.recompute import Recomputation, recompute


def recomputed(settings: Settings) -> Recomputation:
    """What a recomputation of the whole county at its today finds."""
    database = Database(app_url(settings, "gateway"), pool_size=1)
    try:
        with database.engine.connect() as connection:
            return recompute(connection, Clock.of(settings).today(), within=AreaScope(settings.county))
    finally:
        database.close()
