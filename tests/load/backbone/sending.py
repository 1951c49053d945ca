"""How fast a full outbox is taken to the broker: our relay process, and the bare publisher on the same bodies."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from tests.load.backbone.children import Child, Servers
from tests.load.backbone.consuming import Broken
from tests.load.backbone.place import CONSUMER, Place
from tests.load.backbone.telling import Told

UNSENT = sa.text("select exists (select from outbox_unsent)")
READY = sa.text("""
    select exists (select from pg_locks l join pg_database d on d.oid = l.database
                   where l.locktype = 'advisory' and l.granted and d.datname = current_database())
""")


@dataclass(frozen=True)
class Sent:
    """Events per second, and what each process spent on one event, in µs of processor time."""

    rate: float
    cpu_us: float
    database_us: float
    broker_us: float | None


def relay(place: Place, events: Sequence[Told], within: float = 120) -> Sent:
    """Start the relay on an empty outbox, put all events there at once, and wait until the last is marked sent."""
    place.empty()
    servers = Servers(place)
    with Child(place, "relaying") as child:
        _until(place, child, lambda: ask(place, READY), within)
        place.fill_outbox(events)
        before = (child.cpu_seconds(), servers.backends_cpu(place.source), servers.broker_cpu())
        started = time.perf_counter()
        _until(place, child, lambda: not ask(place, UNSENT), within)
        rate = len(events) / (time.perf_counter() - started)
        after = (child.cpu_seconds(), servers.backends_cpu(place.source), servers.broker_cpu())
    _check(place, len(events))
    database = sum(spent - before[1].get(pid, 0.0) for pid, spent in after[1].items())
    broker = None if before[2] is None or after[2] is None else (after[2] - before[2]) / len(events) * 1e6
    each = 1e6 / len(events)
    return Sent(rate, (after[0] - before[0]) * each, database * each, broker)


def publish_bare(place: Place, events: Sequence[Told], within: float = 120) -> Sent:
    """The same bodies through the same exchange into the same queue, without a database."""
    place.empty()
    bodies = place.folder / "bodies"
    bodies.write_text("\n".join(told.body for told in events))
    servers = Servers(place)
    before = servers.broker_cpu()
    with Child(place, "bare_publisher", str(bodies), place.names.events_exchange, events[0].type) as child:
        found = child.answer(within)
    after = servers.broker_cpu()
    _check(place, len(events))
    each = 1e6 / len(events)
    broker = None if before is None or after is None else (after - before) * each
    return Sent(len(events) / found["seconds"], found["cpu_seconds"] * each, 0.0, broker)


def ask(place: Place, question: sa.TextClause) -> bool:
    """A question to the database of the source."""
    with place.source.connect() as connection:
        return bool(connection.scalar(question))


def _until(place: Place, child: Child, done: object, within: float) -> None:
    end = time.monotonic() + within
    while not done():  # type: ignore[operator]
        child.lives()
        if time.monotonic() > end:
            raise Broken(f"the relay was not done in {within:g} s")
        time.sleep(0.02)


def _check(place: Place, wanted: int) -> None:
    """The broker has what it confirmed."""
    with place.broker() as broker:
        found = broker.channel().queue_declare(place.names.inbox_queue(CONSUMER), passive=True).message_count
    if found != wanted:
        raise Broken(f"{found} messages of {wanted} lie in the queue")
