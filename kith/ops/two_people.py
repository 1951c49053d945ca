"""What `kith ops status` says of emergencies and of commands that wait for a second person: numbers alone."""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from chassis.addresses import app_url
from chassis.clock import Clock
from chassis.database import SET_SCOPE
from chassis.settings import Settings
from gateway.office.store import approvals, emergencies


@dataclass(frozen=True)
class TwoPeople:
    """How many wait for somebody, and how many emergencies are open or not reviewed in time."""

    approvals_waiting: int
    approvals_on_their_way: int
    emergencies_open: int
    emergencies_overdue: int


def counted(settings: Settings) -> TwoPeople:
    """As things stand now."""
    now = Clock.of(settings).now()
    engine = sa.create_engine(app_url(settings, "gateway"))
    try:
        with engine.begin() as connection:
            connection.execute(SET_SCOPE, {"area": settings.county})
            waiting = approvals.waiting(connection)
            found = emergencies.count(connection, now, now - timedelta(days=settings.emergency_review_days))
    finally:
        engine.dispose()
    return TwoPeople(
        waiting.get(approvals.WAITING, 0), waiting.get(approvals.APPROVED, 0), found.open, found.overdue
    )
