"""Where an inbox lacks something: a predecessor, another subject's fact, the end of a stream, or a restored past."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple, TypeAlias, TypeVar

import sqlalchemy as sa

from chassis.inbox_streams import Position

PATIENCE = timedelta(seconds=60)
"""What is younger may still be on its way."""

BATCH = 500
T = TypeVar("T")
AnyRow: TypeAlias = sa.Row[*tuple[Any, ...]]

HOLES = """
    with waits as (
        select w.source, w.subject, w.epoch, w.sequence, w.asked_at, c.epoch as at_epoch, c.sequence as at_sequence,
               lag(w.sequence) over (partition by w.source, w.subject, w.epoch order by w.sequence) as before,
               min(w.since) over (partition by w.source, w.subject, w.epoch order by w.sequence
                                  rows between current row and unbounded following) as since
        from inbox_waiting w join inbox_cursor c using (source, subject)
        where (w.epoch, w.sequence) > (c.epoch, c.sequence)
    ), hole as (
        select source, subject, epoch,
               coalesce(before, case epoch when at_epoch then at_sequence else 0 end) + 1 as first,
               sequence - 1 as last, since, asked_at
        from waits
    )
    select source, subject, epoch, first, last, since, asked_at from hole
    where first <= last and since < now() - cast(:patience as interval)
"""
NOT_YET = """
    select source, subject, epoch, sequence, cast(body as jsonb) ->> 'id' as event_id,
           cast(body as jsonb) ->> 'type' as type, waits_for, since
    from inbox_waiting where state = 'not_yet' and since < now() - cast(:patience as interval)
"""
DIVERGED = (
    "select source, subject, kept_epoch, kept_sequence, applied_epoch, applied_sequence, at from inbox_diverged"
)
HEADS = sa.text('select subject, sequence from stream order by subject collate "C"')
CURSORS = sa.text(
    'select subject, epoch, sequence from inbox_cursor where source = :source order by subject collate "C"'
)
KNOWN = sa.text("""
    select wanted.subject, coalesce(last.epoch, 0) as epoch, coalesce(last.sequence, 0) as sequence
    from unnest(cast(:subjects as text[])) as wanted (subject) left join lateral (
        select epoch, sequence from (
            select epoch, sequence from inbox_cursor where source = :source and subject = wanted.subject
            union all
            select epoch, sequence from inbox_waiting where source = :source and subject = wanted.subject) as place
        order by epoch desc, sequence desc limit 1) as last on true
""")
BEYOND = sa.text("""
    select known.subject, known.epoch as known_epoch, known.sequence as known_sequence, s.sequence as head,
           count(o.id) as events, count(u.id) as unsent, min(o.created_at) as since
    from unnest(cast(:subjects as text[]), cast(:epochs as int[]), cast(:sequences as bigint[]))
             as known (subject, epoch, sequence)
    join stream s using (subject)
    left join outbox o on o.subject = known.subject and (o.epoch, o.sequence) > (known.epoch, known.sequence)
    left join outbox_unsent u on u.id = o.id
    where (:epoch, s.sequence) > (known.epoch, known.sequence)
    group by known.subject, known.epoch, known.sequence, s.sequence
    having count(u.id) = 0 and coalesce(min(o.created_at), '-infinity') < now() - cast(:patience as interval)
""")


@dataclass(frozen=True)
class Hole:
    """Events `first`..`last` of a subject never came, though later ones wait."""

    source: str
    subject: str
    epoch: int
    first: int
    last: int
    since: datetime
    asked_at: datetime | None
    """When the source was last asked to send them again."""


@dataclass(frozen=True)
class LacksFact:
    """A reaction waits for something to become known about another subject."""

    source: str
    subject: str
    epoch: int
    sequence: int
    event_id: str
    type: str
    waits_for: str | None
    since: datetime


@dataclass(frozen=True)
class Tail:
    """The source has said and sent more about a subject than ever came here."""

    source: str
    subject: str
    after_epoch: int
    after_sequence: int
    head_epoch: int
    head: int
    since: datetime | None
    """When the first of the missing events was sent; None where the source's outbox no longer holds it."""


@dataclass(frozen=True)
class Diverged:
    """What was applied here although the source, restored from a backup, no longer knows it."""

    source: str
    subject: str
    kept_epoch: int
    kept_sequence: int
    applied_epoch: int
    applied_sequence: int
    at: datetime


class Head(NamedTuple):
    """How far a source has counted for a subject."""

    subject: str
    sequence: int


class Cursor(NamedTuple):
    """How far a consumer has applied a subject."""

    subject: str
    epoch: int
    sequence: int


def holes(connection: sa.Connection, limit: int, patience: timedelta = PATIENCE) -> list[Hole]:
    """Missing predecessors, the oldest first."""
    return [Hole(*row) for row in _oldest(connection, HOLES, "since", limit, patience)]


def lacking_facts(connection: sa.Connection, limit: int, patience: timedelta = PATIENCE) -> list[LacksFact]:
    """Reactions that lack another subject's fact, the oldest first."""
    return [LacksFact(*row) for row in _oldest(connection, NOT_YET, "since", limit, patience)]


def diverged(connection: sa.Connection, limit: int) -> list[Diverged]:
    """What a restored source no longer knows, the oldest first."""
    return [Diverged(*row) for row in _oldest(connection, DIVERGED, "at", limit, PATIENCE)]


def count(connection: sa.Connection, patience: timedelta = PATIENCE) -> int:
    """How many of these three there are; lost tails take a walk along both databases (see `lost_tails`)."""
    found = connection.scalar(
        sa.text(
            f"select (select count(*) from ({HOLES}) as hole) + (select count(*) from ({NOT_YET}) as lacking)"
            " + (select count(*) from inbox_diverged)"
        ),
        {"patience": patience},
    )
    return int(found or 0)


def _oldest(connection: sa.Connection, select: str, age: str, limit: int, patience: timedelta) -> Sequence[AnyRow]:
    statement = sa.text(f"select * from ({select}) as found order by {age} limit :limit")
    given = {"limit": limit, "patience": patience}
    return connection.execute(statement, {name: given[name] for name in statement.compile().params}).all()


def lost_tails(
    source: sa.Engine, consumer: sa.Engine, name: str, epoch: int, patience: timedelta = PATIENCE
) -> Iterator[Tail]:
    """Subjects of which the source `name` sent more than the consumer has applied or keeps, and nothing is unsent.

    Walks along both in the order of subjects, with cursors on the servers: memory does not grow with their number.
    What looks behind is looked at again, since both go on meanwhile.
    """
    with source.connect() as there, consumer.connect() as here:
        behind = subjects_behind(
            (Head(*row) for row in _stream(there, HEADS, {})),
            (Cursor(*row) for row in _stream(here, CURSORS, {"source": name})),
            epoch,
        )
        for subjects in _batches(behind, BATCH):
            yield from _confirmed(source, consumer, name, epoch, subjects, patience)


def subjects_behind(heads: Iterable[Head], cursors: Iterable[Cursor], epoch: int) -> Iterator[str]:
    """Both sorted by subject in byte order: the subjects whose cursor stands before their head."""
    following = iter(cursors)
    here = next(following, None)
    for head in heads:
        while here and here.subject < head.subject:
            here = next(following, None)
        at = Position(here.epoch, here.sequence) if here and here.subject == head.subject else Position(0, 0)
        if at < Position(epoch, head.sequence):
            yield head.subject


def _confirmed(
    source: sa.Engine, consumer: sa.Engine, name: str, epoch: int, subjects: list[str], patience: timedelta
) -> Iterator[Tail]:
    with consumer.connect() as here:
        known = here.execute(KNOWN, {"source": name, "subjects": subjects}).all()
    columns = {f"{field}s": [row._mapping[field] for row in known] for field in ("subject", "epoch", "sequence")}
    with source.connect() as there:
        for row in there.execute(BEYOND, {**columns, "epoch": epoch, "patience": patience}):
            yield Tail(name, row.subject, row.known_epoch, row.known_sequence, epoch, row.head, row.since)


def _stream(connection: sa.Connection, statement: sa.TextClause, values: dict[str, Any]) -> Iterator[AnyRow]:
    options = {"stream_results": True, "yield_per": 2000}
    yield from connection.execution_options(**options).execute(statement, values)


def _batches(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while batch := list(islice(items, size)):
        yield batch
