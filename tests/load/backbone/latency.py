"""From commit to applied at a steady pace, with relay and consumer as processes; also with a poison subject among them."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from tests.load.backbone import sending
from tests.load.backbone.children import Child
from tests.load.backbone.consuming import Broken
from tests.load.backbone.place import CONSUMER, Place
from tests.load.backbone.telling import FIRST_DAY, subject

PER_SECOND = 100
SUBJECTS = 200
POISON_PER_SECOND = 5
APPLIED = sa.text(
    "select subject, left_on, extract(epoch from at) as at from applied where subject = any(:subjects)"
)


@contextmanager
def running(place: Place) -> Iterator["Path"]:
    """Relay and consumer, ready."""
    place.empty()
    with Child(place, "relaying") as relay, Child(place, "consumer") as consumer:
        path = Path(place, (relay, consumer))
        path.wait_until_ready()
        yield path


@dataclass
class Path:
    """The way of an event, from a writer's commit to a reaction."""

    place: Place
    children: Sequence[Child]
    _next_subject: int = 1000

    def wait_until_ready(self) -> None:
        """The relay holds its lock, the consumer listens, and some events have gone the whole way."""
        self._until(lambda: sending.ask(self.place, sending.READY), "the relay did not come up")
        self._until(self._listens, "the consumer did not come up")
        self.lags(1.0)

    def _listens(self) -> bool:
        with self.place.broker() as broker:
            queue = broker.channel().queue_declare(self.place.names.inbox_queue(CONSUMER), passive=True)
        return int(queue.consumer_count) > 0

    def lags(self, seconds: float, poison: bool = False) -> list[float]:
        """Milliseconds from commit to applied of every event of a writer; those of a poison subject are not counted."""
        first = self._next_subject
        self._next_subject += SUBJECTS + 1000
        subjects = [str(subject(first + number)) for number in range(SUBJECTS)]
        self.place.expect(subjects)
        pace = (PER_SECOND, seconds, SUBJECTS, first, POISON_PER_SECOND if poison else 0)
        with Child(self.place, "writer", *map(str, pace)) as writer:
            commits = writer.answer(within=seconds * 5 + 60)["commits"]
        committed = {(name, sequence): at for name, sequence, at in commits if name in set(subjects)}
        applied: dict[tuple[str, int], float] = {}

        def all_applied() -> bool:
            applied.update(self._applied(subjects))
            return len(applied) == len(committed)

        self._until(all_applied, "not all events were applied")
        return [(applied[key] - at) * 1000 for key, at in committed.items()]

    def _applied(self, subjects: list[str]) -> dict[tuple[str, int], float]:
        with self.place.consumer.connect() as connection:
            rows = connection.execute(APPLIED, {"subjects": subjects}).all()
        return {(row.subject, row.left_on.toordinal() - FIRST_DAY): float(row.at) for row in rows}

    def forget_poison(self) -> None:
        """Take what a poison subject left waiting out of the way of the next run."""
        with self.place.consumer.begin() as connection:
            connection.exec_driver_sql("delete from inbox_waiting")

    def _until(self, done: object, what: str, within: float = 60) -> None:
        end = time.monotonic() + within
        while not done():  # type: ignore[operator]
            for child in self.children:
                child.lives()
            if time.monotonic() > end:
                raise Broken(what)
            time.sleep(0.05)


def round_trips(place: Place, seconds: float) -> list[float]:
    """Milliseconds of the bare round trip at the same pace, through a queue of the same kind."""
    place.declare("bare")
    with Child(place, "round_trip", str(PER_SECOND), str(seconds)) as child:
        found: list[float] = child.answer(within=seconds * 5 + 60)["milliseconds"]
    return found


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all values does not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]
