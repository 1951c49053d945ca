"""Reads the databases after the storm and says what was lost, applied twice or out of order.

It shares no code with what it checks: plain SQL over psycopg2. What is committed is what the sources' outboxes hold.
What was applied is what each consumer's witness wrote, in the transaction of the reactions, into `chaos_witness`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import psycopg2

EVENTS = "select event_id::text, subject, sequence from outbox"
WITNESSED = "select event_id::text from chaos_witness order by n"
WAITING = "select source, subject, sequence, state from inbox_waiting"


class Committed(NamedTuple):
    """An event in the outbox of the service called `source`."""

    source: str
    subject: str
    sequence: int


class Waiting(NamedTuple):
    """A row that a consumer's inbox keeps."""

    source: str
    subject: str
    sequence: int
    state: str


@dataclass(frozen=True)
class Consumer:
    """Where a consumer's inbox stands, and where the outboxes stand that it is bound to (source -> connection)."""

    name: str
    database: str
    sources: Mapping[str, str]


@dataclass
class Found:
    """One consumer's figures, and the events that are evidence against it."""

    committed: int = 0
    applied: int = 0
    parked: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    unheard_of: list[str] = field(default_factory=list)
    """Applied, and in no outbox: something that never became true."""

    @property
    def clean(self) -> bool:
        """Whether nothing speaks against it."""
        return not (self.lost or self.twice or self.out_of_order or self.unheard_of)

    def figures(self) -> dict[str, int]:
        """As `build/chaos.json` holds them."""
        return {
            "committed": self.committed,
            "applied": self.applied,
            "parked": self.parked,
            "lost": len(self.lost),
            "twice": len(self.twice),
            "out_of_order": len(self.out_of_order),
        }


def check(consumer: Consumer) -> Found:
    """What became of every event that this consumer was to hear."""
    committed: dict[str, Committed] = {}
    for source, database in consumer.sources.items():
        for event_id, subject, sequence in read(database, EVENTS):
            committed[str(event_id)] = Committed(source, str(subject), int(str(sequence)))
    witnessed = [str(event_id) for (event_id,) in read(consumer.database, WITNESSED)]
    waiting = [
        Waiting(str(source).rsplit("/", 1)[-1], str(subject), int(str(sequence)), str(state))
        for source, subject, sequence, state in read(consumer.database, WAITING)
    ]
    return judge(committed, witnessed, waiting)


def judge(committed: Mapping[str, Committed], witnessed: Sequence[str], waiting: Iterable[Waiting]) -> Found:
    """The same from what was read. `witnessed`: event ids in the order in which they were applied."""
    times = Counter(witnessed)
    parked = _parked(waiting)
    held = {event_id for event_id, event in committed.items() if event_id not in times and event in parked}
    return Found(
        committed=len(committed),
        applied=len(times.keys() & committed.keys()),
        parked=len(held),
        lost=sorted(committed.keys() - times.keys() - held),
        twice=sorted(event_id for event_id, n in times.items() if n > 1),
        out_of_order=_out_of_order(committed, list(times)),
        unheard_of=sorted(times.keys() - committed.keys()),
    )


def _parked(waiting: Iterable[Waiting]) -> set[Committed]:
    """Events that are parked, and those that are kept behind one."""
    by_stream: dict[tuple[str, str], list[Waiting]] = defaultdict(list)
    for row in waiting:
        by_stream[row.source, row.subject].append(row)
    found = set()
    for rows in by_stream.values():
        first = min((row.sequence for row in rows if row.state == "parked"), default=None)
        found |= {Committed(*row[:3]) for row in rows if first is not None and row.sequence >= first}
    return found


def _out_of_order(committed: Mapping[str, Committed], applied: Iterable[str]) -> list[str]:
    """Events that did not come right after the one before them in their stream; each counted at its first time."""
    reached: dict[tuple[str, str], int] = {}
    wrong = []
    for event_id in applied:
        if (event := committed.get(event_id)) is None:
            continue
        stream = event.source, event.subject
        if event.sequence != reached.get(stream, 0) + 1:
            wrong.append(event_id)
        reached[stream] = max(event.sequence, reached.get(stream, 0))
    return wrong


def read(database: str, query: str) -> list[tuple[Any, ...]]:
    """What a query finds, over a connection of its own."""
    connection = psycopg2.connect(database)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    finally:
        connection.close()
