"""After a database came back from a backup: what it says from now on is told apart from what was lost with the old one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import fingerprint, outbox
from chassis.addresses import app_url, owner_url
from chassis.clock import Clock
from chassis.inbox_streams import Position
from chassis.restoring import stream_restored
from chassis.schema import epoch, inbox_cursor, stream
from chassis.settings import Settings
from contracts.catalogue import SOURCES
from kith.ops.rebuilding import Progress, Rebuilt, rebuild
from kith.refusing import BadInput
from kith.registry import CONSUMERS, listeners

BATCH = 1000
UNKNOWN_TO_IT = sa.text(
    "select subject from unnest(:subjects) as heard (subject) where not exists "
    "(select from stream where stream.subject = heard.subject)"
).bindparams(sa.bindparam("subjects", type_=ARRAY(sa.Text)))
Stream = tuple[str, Position]


@dataclass(frozen=True)
class Restored:
    """What was done. `lost`: listener -> events that it has applied and the backup does not hold."""

    name: str
    epoch: int
    streams: int
    unknown: int
    lost: dict[str, int]
    caught_up: Rebuilt | None


def restored(
    settings: Settings, name: str, *, nothing_lost: bool = False, progress: Progress = lambda done, of: None
) -> Restored:
    """Let a restored database go on. Its service must be stopped; all others may run. BadInput if it was not restored.

    As a source it begins a new epoch: each stream anew with one event that says up to where the backup holds it. As a
    listener it is brought up to date from the logs. `nothing_lost`: the same data in a new place; no new epoch.
    """
    if name not in CONSUMERS:
        raise BadInput(f"nothing called {name!r} has a database; there are {', '.join(sorted(CONSUMERS))}")
    number, streams, unknown, lost = 0, 0, 0, {}
    engine = sa.create_engine(owner_url(settings, CONSUMERS[name].database_name), poolclass=sa.NullPool)
    with engine.begin() as connection:
        number = connection.scalar(sa.select(epoch.c.number).with_for_update()) or 1
        if not fingerprint.restored(connection):
            raise BadInput(f"the database of {name} is the one it always was: nothing to do")
        fingerprint.stamp(connection)
        if name in SOURCES and not nothing_lost:
            lost = {consumer: _lost(settings, connection, name, consumer) for consumer in listeners(name)}
            strangers = _unknown(settings, connection, name)
            streams, unknown = _begin_anew(settings, connection, name, number, strangers), len(strangers)
            number = connection.scalar(sa.select(epoch.c.number)) or number
    caught_up = None if nothing_lost else rebuild(settings, name, progress=progress)
    return Restored(name, number, streams, unknown, lost, caught_up)


def _begin_anew(
    settings: Settings, connection: sa.Connection, name: str, number: int, strangers: Sequence[str]
) -> int:
    """Raise the epoch and say of every stream where it was left off. One transaction; memory: a batch."""
    connection.execute(sa.update(epoch).values(number=1 + max(number, _newest_heard(settings, name))))
    connection.exec_driver_sql("create temporary table left_off on commit drop as select * from stream")
    connection.execute(sa.delete(stream))
    begun = 0
    rows = connection.execute(
        sa.text("select subject, sequence from left_off"), execution_options={"yield_per": BATCH}
    )
    known = ((row.subject, Position(number, row.sequence)) for row in rows)
    everything = chain(known, ((subject, Position(0, 0)) for subject in strangers))
    for batch in iter(lambda: list(islice(everything, BATCH)), []):
        outbox.write(connection, f"/kith/{settings.county}/{name}", [_event(name, *each) for each in batch],
                     Clock.of(settings).now())  # fmt: skip
        begun += len(batch)
    return begun


def _event(name: str, subject: str, kept: Position) -> outbox.Recorded:
    said = stream_restored(name)(stream=subject, kept_epoch=kept.epoch, kept_sequence=kept.sequence)
    return outbox.Recorded(said, None, None, None)


def _heard(settings: Settings, source: str, consumer: str) -> Iterator[list[Stream]]:
    """How far a listener has applied each of this source's streams, batch by batch."""
    engine = sa.create_engine(app_url(settings, CONSUMERS[consumer].database_name), poolclass=sa.NullPool)
    asked = sa.select(inbox_cursor).where(
        inbox_cursor.c.source == f"/kith/{settings.county}/{source}", inbox_cursor.c.sequence > 0
    )
    with engine.connect() as connection:
        for rows in connection.execute(asked, execution_options={"yield_per": BATCH}).partitions():
            yield [(row.subject, Position(row.epoch, row.sequence)) for row in rows]


def _newest_heard(settings: Settings, name: str) -> int:
    """The highest epoch that any listener has heard of: the backup may be older than an earlier restore."""
    found = 0
    for consumer in listeners(name):
        engine = sa.create_engine(app_url(settings, CONSUMERS[consumer].database_name), poolclass=sa.NullPool)
        mine = inbox_cursor.c.source == f"/kith/{settings.county}/{name}"
        with engine.connect() as connection:
            found = max(found, connection.scalar(sa.select(sa.func.max(inbox_cursor.c.epoch)).where(mine)) or 0)
    return found


def _unknown(settings: Settings, connection: sa.Connection, name: str) -> list[str]:
    """Subjects that a listener has heard of and the restored database has not."""
    found: set[str] = set()
    for consumer in listeners(name):
        for batch in _heard(settings, name, consumer):
            found.update(connection.scalars(UNKNOWN_TO_IT, {"subjects": [subject for subject, _ in batch]}))
    return sorted(found)


def _lost(settings: Settings, connection: sa.Connection, name: str, consumer: str) -> int:
    """How many events this listener has applied that the restored database does not hold."""
    return sum(_beyond(connection, batch) for batch in _heard(settings, name, consumer))


def _beyond(connection: sa.Connection, heard: Iterable[Stream]) -> int:
    places = dict(heard)
    number = connection.scalar(sa.select(epoch.c.number)) or 1
    rows = connection.execute(sa.select(stream).where(stream.c.subject.in_(places)))
    held = {row.subject: row.sequence for row in rows}
    return sum(
        max(0, place.sequence - held.get(subject, 0)) if place.epoch >= number else 0
        for subject, place in places.items()
    )
