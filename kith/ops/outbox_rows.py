"""Rows of a service's outbox, for an operator: found by index, newest first, and marked to be sent anew."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from chassis import audit
from chassis.database import again_if_transient
from chassis.settings import Settings
from contracts.actor import Actor
from kith.ops import reaching

RESENT = "ops.resend_events"
"""How it is called on the record."""

UNSENT = "exists (select from outbox_unsent u where u.id = outbox.id)"


@dataclass(frozen=True)
class Which:
    """Which rows are meant: all of these together."""

    subject: str | None = None
    event: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    unsent: bool = False

    def conditions(self) -> dict[str, tuple[str, object]]:
        """Name -> (the SQL, its value), for what was asked for."""
        asked = {
            "subject": ("subject = :subject", self.subject),
            "event": ("event_id = :event", self.event),
            "since": ("created_at >= :since", self.since),
            "until": ("created_at < :until", self.until),
        }
        return {name: pair for name, pair in asked.items() if pair[1] is not None}

    def where(self) -> str:
        """The condition, in SQL."""
        parts = [sql for sql, _ in self.conditions().values()]
        return " and ".join([*parts, UNSENT] if self.unsent else parts) or "true"

    def values(self) -> dict[str, object]:
        """The values that the SQL names."""
        return {name: value for name, (_, value) in self.conditions().items()}

    def __str__(self) -> str:
        """As the record names them."""
        if self.since and self.until:
            return f"{self.since.isoformat()}/{self.until.isoformat()}"
        return str(self.subject or self.event)


@dataclass(frozen=True)
class Row:
    """One event as its service recorded it; the body stays where it is."""

    service: str
    event_id: str
    type: str
    subject: str
    epoch: int
    sequence: int
    created_at: datetime
    sent: bool


def newest(settings: Settings, service: str, which: Which, limit: int) -> list[Row]:
    """The newest rows of one service."""
    order = "epoch desc, sequence desc" if which.subject else "id desc"
    statement = sa.text(f"""
        select cast(event_id as text), type, subject, epoch, sequence, created_at, not {UNSENT} from outbox
        where {which.where()} order by {order} limit :limit
    """)
    with reaching.engine(settings, service) as engine, engine.connect() as connection:
        return [Row(service, *row) for row in connection.execute(statement, {**which.values(), "limit": limit})]


def resend(settings: Settings, service: str, which: Which, by: Actor, at: datetime) -> int:
    """Mark as unsent what had been sent, on record; how many. The relay takes them up by itself."""
    statement = sa.text(f"""
        insert into outbox_unsent (id, created_at) select id, created_at from outbox where {which.where()}
        on conflict do nothing
    """)

    @again_if_transient
    def once(engine: sa.Engine) -> int:
        with engine.begin() as connection:
            count = connection.execute(statement, which.values()).rowcount
            outcome = f"{count} events"
            audit.append(
                connection, [audit.Entry.by(by, at, RESENT, about=str(which), outcome=outcome, decision=None)]
            )
        return count

    with reaching.engine(settings, service) as engine:
        return once(engine)
