"""What an operator may do about events that could not be applied: see them, have one tried again, or give one up.

Everything that changes something happens under the row lock of the subject's cursor, as in the inbox itself, so a
running inbox and an operator never act on the same event at once. The caller brings the transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis import audit, inbox_store
from chassis.inbox_streams import Position
from chassis.restoring import RESTORED_TYPES
from contracts.actor import Actor

HELD = ("parked", "retry", "not_yet")
"""The states of an event that was tried and holds its subject; `ahead` only waits for its turn."""

RETRIED, SKIPPED, SETTLED = "ops.retry_event", "ops.skip_event", "ops.settle_difference"
"""How an operator's doing is called on the record."""

FIND = """
    select w.source, w.subject, w.epoch, w.sequence, cast(w.body as jsonb) ->> 'id' as event_id,
           cast(w.body as jsonb) ->> 'type' as type, w.state, w.attempts, w.error, w.waits_for, w.since, w.due_at, w.body,
           (select count(*) from inbox_waiting b where b.source = w.source and b.subject = w.subject
                and (b.epoch, b.sequence) > (w.epoch, w.sequence)) as behind
    from inbox_waiting w
"""
LIST = sa.text(
    f"{FIND} where w.state = any(cast(:states as text[])) order by w.since, w.source, w.subject limit :limit"
)
BY_EVENT = sa.text(f"{FIND} where position(:event in w.body) > 0 and cast(w.body as jsonb) ->> 'id' = :event")
AT = sa.text(f"""
    {FIND} where w.source = :source and w.subject = :subject and w.epoch = :epoch and w.sequence = :sequence
""")
CURSOR = sa.text(
    "select epoch, sequence from inbox_cursor where source = :source and subject = :subject for update"
)
RETRY = sa.text("""
    update inbox_waiting w set state = case w.state when 'not_yet' then 'not_yet' else 'retry' end, due_at = now()
    from unnest(cast(:sources as text[]), cast(:subjects as text[]), cast(:epochs as int[]),
        cast(:sequences as bigint[])) as wanted (source, subject, epoch, sequence)
    where w.source = wanted.source and w.subject = wanted.subject and w.epoch = wanted.epoch
      and w.sequence = wanted.sequence and w.state in ('parked', 'retry', 'not_yet')
    returning cast(w.body as jsonb) ->> 'id'
""")
TOMBSTONE = sa.text("""
    insert into inbox_skipped (source, subject, epoch, sequence, event_id, type, body, attempts, error, actor_id,
                               reason, at)
    values (:source, :subject, :epoch, :sequence, :event_id, :type, :body, :attempts, :error, :actor_id, :reason, :at)
    on conflict do nothing
""")
"""After a rebuild an event may have to be given up once more: its first tombstone stands, the record has both."""

ADVANCE = sa.text("""
    update inbox_cursor set epoch = :epoch, sequence = :sequence where source = :source and subject = :subject
""")
FORGET = sa.text("""
    delete from inbox_waiting
    where source = :source and subject = :subject and (epoch, sequence) <= (:epoch, :sequence)
""")
SUCCESSOR_DUE = sa.text("""
    update inbox_waiting set due_at = now()
    where source = :source and subject = :subject and epoch = :epoch and sequence = :sequence + 1 and state = 'ahead'
""")
SKIPPED_BY_EVENT = sa.text("""
    select source, subject, epoch, sequence, cast(event_id as text) as event_id, type, body, attempts, error, actor_id,
           reason, at
    from inbox_skipped where event_id = cast(:event as uuid)
""")

SETTLE = sa.text(
    "delete from inbox_diverged where cast(:subject as text) is null or subject = :subject returning subject"
)


class NotHeld(Exception):
    """No such event is parked, being tried again or lacking a fact here (any more)."""


class NotNext(Exception):
    """The event is not the next of its subject: what comes before it has to be settled first."""


class BeginsAnew(Exception):
    """The event is a restored source's word for where its stream begins anew; without it the past is never compared."""


@dataclass(frozen=True)
class Held:
    """An event that one consumer keeps because it could not be applied yet."""

    source: str
    subject: str
    epoch: int
    sequence: int
    event_id: str
    type: str
    state: str
    attempts: int
    error: str | None
    """The class of what the reaction raised at its last attempt."""

    waits_for: str | None
    since: datetime
    due_at: datetime | None
    body: str
    behind: int
    """How many later events of its subject wait for it."""

    @property
    def place(self) -> dict[str, Any]:
        """Where it stands, as the statements want it."""
        return {
            "source": self.source,
            "subject": self.subject,
            "epoch": self.epoch,
            "sequence": self.sequence,
        }


@dataclass(frozen=True)
class Skipped:
    """The tombstone of an event that an operator gave up: what, who, why."""

    source: str
    subject: str
    epoch: int
    sequence: int
    event_id: str
    type: str
    body: str
    attempts: int
    error: str | None
    actor_id: str
    reason: str
    at: datetime


def held(connection: sa.Connection, states: Sequence[str], limit: int) -> list[Held]:
    """What waits in these states, the longest wait first."""
    return [Held(*row) for row in connection.execute(LIST, {"states": list(states), "limit": limit})]


def find(connection: sa.Connection, event: UUID) -> Held | None:
    """The waiting event of that id, in whatever state."""
    row = connection.execute(BY_EVENT, {"event": str(event)}).one_or_none()
    return None if row is None else Held(*row)


def tombstone(connection: sa.Connection, event: UUID) -> Skipped | None:
    """The event of that id, if it was given up."""
    row = connection.execute(SKIPPED_BY_EVENT, {"event": str(event)}).one_or_none()
    return None if row is None else Skipped(*row)


def retry(connection: sa.Connection, events: Sequence[Held], by: Actor, at: datetime) -> list[str]:
    """Make these due now; the ids of those that still waited.

    Their attempts are kept: one that has used them all up and fails once more is parked again at once, so the
    operator sees within a second whether the cause is gone, and the record tells how often it was tried.
    """
    if not events:
        return []
    inbox_store.lock_cursors(connection, sorted({(event.source, event.subject) for event in events}))
    columns = {f"{name}s": [event.place[name] for event in events] for name in events[0].place}
    due = list(connection.execute(RETRY, columns).scalars())
    _record(connection, RETRIED, due, by, at)
    return due


def skip(connection: sa.Connection, event: UUID, reason: str, by: Actor, at: datetime) -> Skipped:
    """Give an event up: its subject goes on without it. NotHeld, NotNext and BeginsAnew say why not.

    Leaves a tombstone. A later duplicate of the event lies behind the cursor and is dropped.
    """
    found = find(connection, event)
    if found is None or found.state not in HELD:
        raise NotHeld(str(event))
    if found.type in RESTORED_TYPES:
        raise BeginsAnew(str(event))
    cursor = connection.execute(CURSOR, found.place).one()
    still = connection.execute(AT, found.place).one_or_none()
    if still is None or still.state not in HELD:
        raise NotHeld(str(event))
    if not _is_next(Position(found.epoch, found.sequence), Position(cursor.epoch, cursor.sequence)):
        raise NotNext(str(event))
    grave = _tombstone(Held(*still), reason, by, at)
    connection.execute(TOMBSTONE, vars(grave))
    _move_past(connection, found)
    _record(connection, SKIPPED, [grave.event_id], by, at)
    return grave


def settle(connection: sa.Connection, subject: str | None, by: Actor, at: datetime) -> list[str]:
    """Take a subject (None: all) off the list of what a restored source no longer knows; whose were taken off."""
    subjects = sorted(connection.execute(SETTLE, {"subject": subject}).scalars())
    _record(connection, SETTLED, subjects, by, at)
    return subjects


def _is_next(place: Position, cursor: Position) -> bool:
    begins_an_epoch = place.epoch > cursor.epoch and place.sequence == 1
    return begins_an_epoch or place == Position(cursor.epoch, cursor.sequence + 1)


def _tombstone(event: Held, reason: str, by: Actor, at: datetime) -> Skipped:
    return Skipped(
        **event.place,
        event_id=event.event_id,
        type=event.type,
        body=event.body,
        attempts=event.attempts,
        error=event.error or event.waits_for,
        actor_id=by.id,
        reason=reason,
        at=at,
    )


def _move_past(connection: sa.Connection, event: Held) -> None:
    """The cursor goes past it; what waited behind it, or for its subject, is due at once."""
    for statement in (ADVANCE, FORGET, SUCCESSOR_DUE):
        connection.execute(statement, event.place)
    inbox_store.wake(connection, [event.subject])


def _record(connection: sa.Connection, what: str, abouts: Sequence[str], by: Actor, at: datetime) -> None:
    entries = [audit.Entry.by(by, at, what, about=about, outcome="done", decision=None) for about in abouts]
    audit.append(connection, entries)
