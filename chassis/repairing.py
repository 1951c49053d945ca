"""Gap repair: what has waited a minute for a predecessor that nobody sent is asked for at the source."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from chassis.inbox import Inbox
from chassis.inbox_streams import Position
from chassis.logging import logger
from chassis.metrics import INBOX_REPAIRS
from chassis.restoring import pages
from chassis.runtime import Runtime
from chassis.surroundings import PeerAway

EVERY_SECONDS = 10.0
PATIENCE = timedelta(seconds=60)
HOLES_AT_ONCE = 100

CLAIM = sa.text("""
    with hole as (
        select w.source, w.subject from inbox_waiting w
        group by w.source, w.subject
        having bool_and(w.state = 'ahead') and min(w.since) < now() - cast(:patience as interval)
           and coalesce(max(w.asked_at), '-infinity') < now() - cast(:patience as interval)
        limit :limit
    ), asked as (
        update inbox_waiting w set asked_at = now() from hole
        where w.source = hole.source and w.subject = hole.subject
    )
    select c.source, c.subject, c.epoch, c.sequence from hole join inbox_cursor c using (source, subject)
    order by c.source, c.subject
""")
"""A subject of which everything waits `ahead` lacks what comes first: no retry, missing fact or parking holds it."""


def repair(runtime: Runtime, inbox: Inbox, patience: timedelta = PATIENCE) -> int:
    """Ask for what is missing and apply it; events applied. A source that is away is asked again after `patience`."""
    with runtime.database.begin() as connection:
        holes = connection.execute(CLAIM, {"patience": patience, "limit": HOLES_AT_ONCE}).all()
    return sum(_fill(runtime, inbox, hole) for hole in holes)


def _fill(runtime: Runtime, inbox: Inbox, hole: sa.Row[Any]) -> int:
    source, after, applied = hole.source.rsplit("/", 1)[-1], Position(hole.epoch, hole.sequence), 0
    try:
        for missed in pages(runtime, source, hole.subject, after):
            applied += inbox.receive(missed)
    except PeerAway as away:
        INBOX_REPAIRS.labels(runtime.name, "source_away").inc()
        logger().warning(
            "gap_stays_open", consumer=runtime.name, source=source, subject=hole.subject, why=str(away)
        )
        return applied
    INBOX_REPAIRS.labels(runtime.name, "filled" if applied else "nothing_there").inc()
    logger().warning("gap_repaired", consumer=runtime.name, source=source, subject=hole.subject,
                     after=after, applied=applied)  # fmt: skip
    return applied
