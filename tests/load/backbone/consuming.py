"""How fast a full queue is drained: our consumer process, and each peer, on the same events."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from tests.load.backbone import bare_publisher
from tests.load.backbone.children import Child, Servers
from tests.load.backbone.place import CONSUMER, Place
from tests.load.backbone.telling import Told

WARM = 0.1
"""The first tenth is not measured: connections, plans and caches are made there."""

RATE = sa.text("""
    select count(*) / greatest(extract(epoch from max(at) - min(at)), 0.001) from (
        select at from applied where at >= (select percentile_disc(:warm) within group (order by at) from applied)
    ) as measured
""")
WRONG = sa.text("""
    select (select count(*) - count(distinct event_id) from applied) as twice,
           (select count(*) from (select left_on <= lag(left_on) over (partition by subject order by n) as wrong
                                  from applied) as each where wrong) as out_of_order
""")


class Broken(Exception):
    """What was measured did not do its work: the figure would be worth nothing."""


@dataclass(frozen=True)
class Contender:
    """One that can drain a queue: its module, how its queue comes to be, and whether it promises order and once-only."""

    module: str
    declare: Callable[[Place], str]
    promises: bool = True


OURS = Contender("consumer", lambda place: place.names.inbox_queue(CONSUMER))
OURS_EACH = Contender("consumer_each", lambda place: place.names.inbox_queue(CONSUMER))
BARE = Contender("bare_consumer", lambda place: place.declare("bare"), promises=False)
BY_HAND = Contender("on_nameko_events", lambda place: place.declare_for_nameko_events())
FASTSTREAM = Contender("on_faststream", lambda place: place.declare("faststream"))


@dataclass(frozen=True)
class Drained:
    """Events per second, and what each process spent on one event, in µs of processor time."""

    rate: float
    cpu_us: float
    database_us: float
    broker_us: float | None


def drain(place: Place, contender: Contender, events: Sequence[Told], within: float = 300) -> Drained:
    """Fill its queue, start it, and wait until every event is applied once and in order."""
    place.empty()
    place.expect(told.subject for told in events)
    bare_publisher.fill(place.broker_url, contender.declare(place), [told.body.encode() for told in events])
    unique = len({told.id for told in events})
    servers = Servers(place)
    with Child(place, contender.module) as child:
        _until(place, child, int(unique * WARM), within)
        before = _Spent.now(place, child, servers)
        _until(place, child, unique, within)
        after = _Spent.now(place, child, servers)
    _check(place, contender, unique)
    with place.consumer.connect() as connection:
        rate = float(connection.scalar(RATE, {"warm": WARM}) or 0)
    return after.since(before, rate)


@dataclass(frozen=True)
class _Spent:
    applied: int
    child: float
    database: dict[int, float]
    broker: float | None

    @classmethod
    def now(cls, place: Place, child: Child, servers: Servers) -> "_Spent":
        return cls(
            applied_so_far(place),
            child.cpu_seconds(),
            servers.backends_cpu(place.consumer),
            servers.broker_cpu(),
        )

    def since(self, before: "_Spent", rate: float) -> Drained:
        events = max(1, self.applied - before.applied)
        database = sum(spent - before.database.get(pid, 0.0) for pid, spent in self.database.items())
        broker = None if self.broker is None or before.broker is None else self.broker - before.broker
        return Drained(
            rate,
            (self.child - before.child) / events * 1e6,
            database / events * 1e6,
            None if broker is None else broker / events * 1e6,
        )


def applied_so_far(place: Place) -> int:
    """Read from the counter of the table's rows: cheap, and never less than what is committed."""
    with place.consumer.connect() as connection:
        last, called = connection.execute(sa.text("select last_value, is_called from applied_n_seq")).one()
    return int(last) if called else 0


def _until(place: Place, child: Child, wanted: int, within: float) -> None:
    end = time.monotonic() + within
    while applied_so_far(place) < wanted or committed(place) < wanted:
        child.lives()
        if time.monotonic() > end:
            raise Broken(f"{committed(place)} of {wanted} events applied in {within:g} s; {child.said()}")
        time.sleep(0.02)


def committed(place: Place) -> int:
    """How many events were applied."""
    with place.consumer.connect() as connection:
        return int(connection.scalar(sa.text("select count(*) from applied")) or 0)


def _check(place: Place, contender: Contender, unique: int) -> None:
    with place.consumer.connect() as connection:
        found = connection.execute(WRONG).one()
    wrong = committed(place) != unique or found.twice or found.out_of_order
    if wrong and contender.promises:
        raise Broken(f"{contender.module}: {committed(place)} of {unique} applied, {found.twice} twice, "
                     f"{found.out_of_order} out of order")  # fmt: skip
