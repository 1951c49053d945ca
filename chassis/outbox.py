"""The outbox: events written in the transaction that made them true, numbered per subject without holes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.fingerprint import DatabaseRestored
from chassis.ids import new_id
from contracts.envelope import Envelope
from contracts.messages import Event

NUMBERS = '"epoch":0,"sequence":0'
"""In an envelope's JSON, where PostgreSQL writes what it gave out. Only strings come before it, in which quotes are
escaped, so the first such place is the true one."""

WRITE = sa.text("""
    select record_events(cast(:ids as uuid[]), cast(:subjects as text[]), cast(:followers as int[]),
                         cast(:types as text[]), cast(:heads as text[]), cast(:tails as text[]), cast(:traces as text[]))
""")
"""`followers`: how many events of the same subject come after one in the same transaction."""

NOT_NULL_VIOLATION = "23502"
"""What the outbox answers to an event without an epoch."""

CLAIM = sa.text("select id, type, body, traceparent, created_at from unsent_events(:limit, :besides)").bindparams(
    sa.bindparam("besides", type_=ARRAY(sa.BigInteger))
)
MARK = sa.text("delete from outbox_unsent where id = any(:ids)").bindparams(
    sa.bindparam("ids", type_=ARRAY(sa.BigInteger))
)
OLDEST_AGE = sa.text("select extract(epoch from now() - created_at) from outbox_unsent order by id limit 1")
UNSORTED = sa.text("set local enable_sort = off")
LOG = sa.text("select id, body from outbox where id > :after_id order by id limit :limit")
STREAM = sa.text("""
    select body from outbox where subject = :subject and (epoch, sequence) > (:epoch, :sequence)
    order by epoch, sequence limit :limit
""")


@dataclass(frozen=True)
class Recorded:
    """An event that waits for its transaction's commit, with what led to it."""

    event: Event
    causation: str | None
    decision: UUID | None
    traceparent: str | None


def write(connection: sa.Connection, source: str, recorded: Sequence[Recorded], at: datetime) -> None:
    """Number the events and put them into the outbox: one statement, however many events.

    Streams are advanced in subject order, so two transactions never wait for each other in a circle.
    DatabaseRestored if the tables are no longer those that the epoch was given out in.
    """
    if not recorded:
        return
    envelopes = [_envelope(item, source, at) for item in recorded]
    bodies = [envelope.model_dump_json(exclude_none=True).partition(NUMBERS) for envelope in envelopes]
    try:
        connection.execute(
            WRITE,
            {
                "ids": [str(envelope.id) for envelope in envelopes],
                "subjects": [envelope.subject for envelope in envelopes],
                "followers": _followers([envelope.subject for envelope in envelopes]),
                "types": [envelope.type for envelope in envelopes],
                "heads": [head for head, _, _ in bodies],
                "tails": [tail for _, _, tail in bodies],
                "traces": [envelope.traceparent for envelope in envelopes],
            },
        )
    except sa.exc.IntegrityError as error:
        if getattr(error.orig, "pgcode", None) == NOT_NULL_VIOLATION:
            raise DatabaseRestored("this service") from error
        raise


def _followers(subjects: Sequence[str]) -> list[int]:
    left = Counter(subjects)
    followers = []
    for subject in subjects:
        left[subject] -= 1
        followers.append(left[subject])
    return followers


def _envelope(item: Recorded, source: str, at: datetime) -> Envelope:
    """Without its numbers."""
    return Envelope(
        id=new_id(),
        source=source,
        type=item.event.type,
        subject=item.event.subject,
        time=at,
        epoch=0,
        sequence=0,
        causationid=item.causation,
        decisionid=item.decision,
        traceparent=item.traceparent,
        data=item.event.model_dump(mode="json"),
    )


@dataclass(frozen=True)
class Unsent:
    """A row that the relay has to publish."""

    id: int
    type: str
    body: str
    traceparent: str | None
    created_at: datetime


def unsent(connection: sa.Connection, limit: int, besides: Sequence[Unsent] = ()) -> list[Unsent]:
    """The oldest unsent rows, without those on their way.

    Never a cursor over ids: they are given out before they are committed.
    """
    rows = connection.execute(CLAIM, {"limit": limit, "besides": [row.id for row in besides]})
    return [Unsent(*row) for row in rows]


def mark_sent(connection: sa.Connection, rows: Sequence[Unsent]) -> None:
    """These were confirmed by the broker."""
    if rows:
        connection.execute(MARK, {"ids": [row.id for row in rows]})


def log(connection: sa.Connection, after_id: int, limit: int) -> list[tuple[int, str]]:
    """(id, envelope) of what was said, sent or not, in the order of ids; what was archived is not here any more."""
    connection.execute(UNSORTED)
    rows = connection.execute(LOG, {"after_id": after_id, "limit": limit})
    return [(row.id, row.body) for row in rows]


def stream(connection: sa.Connection, subject: str, after: tuple[int, int], limit: int) -> list[str]:
    """Envelopes of one subject after (epoch, sequence), in order; what was archived is not here any more."""
    place = {"subject": subject, "epoch": after[0], "sequence": after[1], "limit": limit}
    return list(connection.execute(STREAM, place).scalars())


def oldest_age_seconds(connection: sa.Connection) -> float:
    """Age of the oldest unsent row in seconds; 0 if there is none. One look into the index, however many wait."""
    return float(connection.scalar(OLDEST_AGE) or 0)
