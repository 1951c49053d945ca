"""Puts on record what was tried and not allowed at the door."""

import sqlalchemy as sa

from chassis import audit
from contracts.actor import Actor
from contracts.refusals import Refusal
from gateway.api.doors import Doors


async def refused(doors: Doors, actor: Actor, what: str, refusal: Refusal) -> None:
    """Somebody tried what is not theirs to do."""
    entry = audit.Entry.by(actor, doors.clock.now(), what, about=None, outcome=refusal.code, decision=None)

    def write(connection: sa.Connection) -> None:
        audit.append(connection, [entry])

    await doors.transact(write)
