"""Hold the live indicators against a recomputation from nothing."""

from gateway.measure.recompute import Mismatch, recompute

from chassis.clock import Clock
from chassis.database import Database
from chassis.migrating import app_url
from chassis.settings import Settings


def mismatches(settings: Settings) -> list[Mismatch]:
    """The cells that differ at the county's today; empty when all is well."""
    database = Database(app_url(settings, "gateway"), pool_size=1)
    try:
        return recompute(database, settings.county, Clock.of(settings).today())
    finally:
        database.close()
