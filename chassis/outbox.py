"""The outbox: events written in the transaction that made them true, numbered per subject without holes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.ids import new_id
from chassis.schema import epoch, outbox
from contracts.envelope import Envelope
from contracts.messages import Event

ADVANCE = sa.text("""
    insert into stream (subject, sequence)
    select subject, n from unnest(cast(:subjects as text[]), cast(:counts as bigint[])) as wanted (subject, n)
    order by subject collate "C"
    on conflict (subject) do update set sequence = stream.sequence + excluded.sequence
    returning subject, sequence
""")
INSERT = sa.text("""
    insert into outbox (event_id, subject, sequence, type, body, traceparent)
    select * from unnest(cast(:ids as uuid[]), cast(:subjects as text[]), cast(:sequences as bigint[]),
                         cast(:types as text[]), cast(:bodies as text[]), cast(:traces as text[]))
""")
CLAIM = sa.text("select id, type, body, traceparent from outbox where sent_at is null order by id limit :limit")
MARK = sa.text("update outbox set sent_at = now() where id = any(:ids)").bindparams(
    sa.bindparam("ids", type_=ARRAY(sa.BigInteger))
)


@dataclass(frozen=True)
class Recorded:
    """An event that waits for its transaction's commit, with what led to it."""

    event: Event
    causation: str | None
    decision: UUID | None
    traceparent: str | None


def write(connection: sa.Connection, source: str, recorded: Sequence[Recorded], at: datetime) -> None:
    """Number the events and put them into the outbox: three statements, however many events.

    Streams are advanced in subject order, so two transactions never wait for each other in a circle.
    """
    if not recorded:
        return
    number = connection.scalar(sa.select(epoch.c.number))
    envelopes = [
        _envelope(item, source, number or 1, at, sequence) for item, sequence in _numbered(connection, recorded)
    ]
    connection.execute(
        INSERT,
        {
            "ids": [str(envelope.id) for envelope in envelopes],
            "subjects": [envelope.subject for envelope in envelopes],
            "sequences": [envelope.sequence for envelope in envelopes],
            "types": [envelope.type for envelope in envelopes],
            "bodies": [envelope.model_dump_json(exclude_none=True) for envelope in envelopes],
            "traces": [envelope.traceparent for envelope in envelopes],
        },
    )


def _numbered(connection: sa.Connection, recorded: Sequence[Recorded]) -> list[tuple[Recorded, int]]:
    counts = Counter(item.event.subject for item in recorded)
    subjects = sorted(counts, key=str.encode)
    rows = connection.execute(ADVANCE, {"subjects": subjects, "counts": [counts[subject] for subject in subjects]})
    following = {row.subject: row.sequence - counts[row.subject] + 1 for row in rows}
    numbered = []
    for item in recorded:
        numbered.append((item, following[item.event.subject]))
        following[item.event.subject] += 1
    return numbered


def _envelope(item: Recorded, source: str, number: int, at: datetime, sequence: int) -> Envelope:
    return Envelope(
        id=new_id(),
        source=source,
        type=item.event.type,
        subject=item.event.subject,
        time=at,
        epoch=number,
        sequence=sequence,
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


def unsent(connection: sa.Connection, limit: int) -> list[Unsent]:
    """The oldest unsent rows. Never a cursor over ids: they are given out before they are committed."""
    return [Unsent(*row) for row in connection.execute(CLAIM, {"limit": limit})]


def mark_sent(connection: sa.Connection, ids: Sequence[int]) -> None:
    """These were confirmed by the broker."""
    connection.execute(MARK, {"ids": list(ids)})


def oldest_age_seconds(connection: sa.Connection) -> float:
    """Age of the oldest unsent row in seconds; 0 if there is none."""
    age = connection.scalar(
        sa.select(sa.func.extract("epoch", sa.func.now() - sa.func.min(outbox.c.created_at))).where(
            outbox.c.sent_at.is_(None)
        )
    )
    return float(age or 0)
