"""The inbox's SQL: one statement for a whole batch, rows always locked in the same order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contracts.envelope import Envelope

WANTED = "unnest(cast(:sources as text[]), cast(:subjects as text[])) as wanted (source, subject)"
INSERT_CURSORS = sa.text(f"""
    insert into inbox_cursor (source, subject) select source, subject from {WANTED}
    order by source, subject on conflict do nothing
""")
LOCK_CURSORS = sa.text(f"""
    select c.source, c.subject, c.epoch, c.sequence from inbox_cursor c join {WANTED} using (source, subject)
    order by c.source, c.subject for update of c
""")
WAITING = sa.text(f"""
    select w.source, w.subject, w.epoch, w.sequence, w.body, w.state, w.attempts, w.due_at
    from inbox_waiting w join {WANTED} using (source, subject) join inbox_cursor c using (source, subject)
    where (w.epoch, w.sequence) > (c.epoch, c.sequence) and not exists (
        select from inbox_waiting held
        where held.source = w.source and held.subject = w.subject and held.epoch = w.epoch
          and held.sequence > c.sequence and held.sequence < w.sequence
          and (held.state = 'parked' or held.due_at > :now))
    order by w.source, w.subject, w.epoch, w.sequence
""")
KEEP_AHEAD = sa.text("""
    insert into inbox_waiting (source, subject, epoch, sequence, body, state)
    select source, subject, epoch, sequence, body, 'ahead' from unnest(cast(:sources as text[]),
        cast(:subjects as text[]), cast(:epochs as int[]), cast(:sequences as bigint[]), cast(:bodies as text[]))
        as kept (source, subject, epoch, sequence, body)
    order by source, subject, epoch, sequence on conflict do nothing
""")
HOLD = sa.text("""
    insert into inbox_waiting (source, subject, epoch, sequence, body, state, attempts, due_at, waits_for, error)
    values (:source, :subject, :epoch, :sequence, :body, :state, :attempts, :due_at, :waits_for, :error)
    on conflict (source, subject, epoch, sequence) do update set state = excluded.state,
        attempts = excluded.attempts, due_at = excluded.due_at, waits_for = excluded.waits_for, error = excluded.error
""")
ADVANCE = sa.text("""
    update inbox_cursor c set epoch = moved.epoch, sequence = moved.sequence
    from unnest(cast(:sources as text[]), cast(:subjects as text[]), cast(:epochs as int[]),
        cast(:sequences as bigint[])) as moved (source, subject, epoch, sequence)
    where c.source = moved.source and c.subject = moved.subject
""")
FORGET = sa.text(f"""
    delete from inbox_waiting w using {WANTED}, inbox_cursor c
    where w.source = wanted.source and w.subject = wanted.subject and c.source = w.source and c.subject = w.subject
      and (w.epoch, w.sequence) <= (c.epoch, c.sequence)
""")
WAKE = sa.text("""
    update inbox_waiting set due_at = now() where waits_for = any(cast(:subjects as text[])) and state = 'not_yet'
""")
DUE = sa.text("""
    select distinct source, subject from (
        select source, subject from inbox_waiting where due_at <= now() order by due_at limit :limit) as found
""")
COUNTS = sa.text("select state, count(*) as n from inbox_waiting group by state")


@dataclass(frozen=True)
class Waiting:
    """A kept event: ahead of its turn, to be retried, lacking a fact, or parked for an operator."""

    source: str
    subject: str
    epoch: int
    sequence: int
    body: str
    state: str
    attempts: int
    due_at: datetime | None

    def holds(self, now: datetime) -> bool:
        """Whether its subject must wait for it still."""
        if self.state == "ahead":
            return False
        return self.state == "parked" or self.due_at is None or self.due_at > now


def _columns(keys: Sequence[tuple[Any, ...]], *names: str) -> dict[str, list[Any]]:
    columns = zip(*keys, strict=True) if keys else [[] for _ in names]
    return {name: list(column) for name, column in zip(names, columns, strict=True)}


def lock_cursors(connection: sa.Connection, keys: Sequence[tuple[str, str]]) -> Sequence[sa.Row[Any]]:
    """Make the missing cursors, then lock all of them in order."""
    wanted = _columns(keys, "sources", "subjects")
    connection.execute(INSERT_CURSORS, wanted)
    return connection.execute(LOCK_CURSORS, wanted).all()


def waiting(connection: sa.Connection, keys: Sequence[tuple[str, str]], now: datetime) -> list[Waiting]:
    """What these subjects have waiting before their cursors; behind an event that holds them up, nothing is read."""
    return [
        Waiting(*row) for row in connection.execute(WAITING, {**_columns(keys, "sources", "subjects"), "now": now})
    ]


def keep_ahead(connection: sa.Connection, envelopes: Sequence[Envelope]) -> None:
    """Keep what came before its turn."""
    if envelopes:
        rows = [(e.source, e.subject, e.epoch, e.sequence, e.model_dump_json(exclude_none=True)) for e in envelopes]
        connection.execute(KEEP_AHEAD, _columns(rows, "sources", "subjects", "epochs", "sequences", "bodies"))


def hold(
    connection: sa.Connection,
    envelope: Envelope,
    state: str,
    attempts: int,
    due_at: datetime | None,
    waits_for: str | None,
    error: str | None,
) -> None:
    """Keep an event that could not be applied, and why."""
    connection.execute(
        HOLD,
        {
            "source": envelope.source,
            "subject": envelope.subject,
            "epoch": envelope.epoch,
            "sequence": envelope.sequence,
            "body": envelope.model_dump_json(exclude_none=True),
            "state": state,
            "attempts": attempts,
            "due_at": due_at,
            "waits_for": waits_for,
            "error": error,
        },
    )


def advance(connection: sa.Connection, moved: Sequence[tuple[str, str, int, int]]) -> None:
    """Set the cursors to what was applied."""
    connection.execute(ADVANCE, _columns(moved, "sources", "subjects", "epochs", "sequences"))


def forget_applied(connection: sa.Connection, keys: Sequence[tuple[str, ...]]) -> None:
    """Drop waiting rows that are behind their cursor now."""
    if keys:
        connection.execute(FORGET, _columns(keys, "sources", "subjects"))


def wake(connection: sa.Connection, subjects: Sequence[str]) -> bool:
    """Make due what waited for these subjects; whether anything did."""
    return connection.execute(WAKE, {"subjects": list(subjects)}).rowcount > 0


def due(connection: sa.Connection, limit: int) -> Sequence[sa.Row[Any]]:
    """Subjects that have something due."""
    return connection.execute(DUE, {"limit": limit}).all()


def counts(connection: sa.Connection) -> dict[str, int]:
    """Waiting events by state."""
    return {row.state: row.n for row in connection.execute(COUNTS)}
