"""What an inbox may have done with what was said: a model of sources that are restored, without a database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Place(NamedTuple):
    """Where in its stream an event stands."""

    epoch: int
    sequence: int


class Name(NamedTuple):
    """A stream: who speaks, and about whom."""

    service: str
    subject: str


@dataclass(frozen=True)
class Trouble:
    """How the reaction to an event misbehaves: it fails so often, at this step, or lacks another stream's event."""

    failures: int = 0
    step: str = "after"
    lacks: int | None = None


FOREVER = 1_000_000


@dataclass(frozen=True)
class Item:
    """One event that was said. `kept` is set on the first of a later epoch: what the source knew when it came back."""

    number: int
    stream: Name
    place: Place
    kept: Place | None = None


@dataclass
class Observed:
    """What stands in the consumer's database."""

    effects: Mapping[Name, Sequence[int]] = field(default_factory=dict)
    """Numbers of the events whose reaction ran, in the order of running."""

    states: Mapping[Name, tuple[str, int]] = field(default_factory=dict)
    """What the reaction keeps per stream: the numbers in the order of applying, and their count at the end of a batch."""

    said_on: Sequence[tuple[str, int, int]] = ()
    """(subject, sequence, number of the event that caused it) of what the reactions recorded."""

    cursors: Mapping[Name, Place] = field(default_factory=dict)
    waiting: Mapping[tuple[Name, Place], tuple[str, bool]] = field(default_factory=dict)
    """State of what waits, and whether it is due."""

    diverged: frozenset[Name] = frozenset()


@dataclass
class History:
    """Everything that was said, and what each source still knows of it."""

    items: list[Item] = field(default_factory=list)
    logs: dict[Name, list[Item]] = field(default_factory=dict)
    troubles: dict[int, Trouble] = field(default_factory=dict)
    known_at: dict[int, list[Item]] = field(default_factory=dict)
    """By the number of a restart: what the source's backup held of the stream."""

    def say(self, stream: Name, trouble: Trouble) -> Item:
        """The next event of a stream."""
        log = self.logs.setdefault(stream, [])
        last = log[-1].place if log else Place(1, 0)
        item = self._add(stream, Place(last.epoch, last.sequence + 1))
        self.troubles[item.number] = trouble
        return item

    def restore(self, stream: Name, epoch: int, kept: int) -> Item:
        """The source comes back from a backup that holds the first `kept` events of the stream."""
        log = self.logs.setdefault(stream, [])
        del log[kept:]
        known = list(log)
        item = self._add(stream, Place(epoch, 1), log[-1].place if log else Place(0, 0))
        self.known_at[item.number] = known
        return item

    def _add(self, stream: Name, place: Place, kept: Place | None = None) -> Item:
        item = Item(len(self.items) + 1, stream, place, kept)
        self.items.append(item)
        self.logs[stream].append(item)
        return item

    def of(self, number: int) -> Item:
        """The event of that number."""
        return self.items[number - 1]

    def has(self, observed: Observed, number: int) -> bool:
        """Whether a fact is there, or was passed over because its source no longer knows it."""
        item = self.of(number)
        at = observed.cursors.get(item.stream, Place(1, 0))
        return number in observed.effects.get(item.stream, ()) or at.epoch > item.place.epoch

    def next_of(self, stream: Name, at: Place) -> Item | None:
        """What the consumer must apply next once all was delivered."""
        log = self.logs.get(stream, [])
        begins = [i for i in self.items if i.stream == stream and i.kept is not None and i.place.epoch > at.epoch]
        return next(iter(begins), None) or next((i for i in log if i.place > at), None)

    def asked_of(self, item: Item, at: Place) -> Iterator[Item]:
        """The events whose reactions run when this one is applied at a consumer that stands at `at`."""
        if item.kept is None:
            yield item
            return
        for missed in self.still_known(item):
            if missed.place > at:
                yield missed

    def still_known(self, restart: Item) -> list[Item]:
        """Of what the source's backup held at this restart, what the source holds today: it may have lost it since."""
        log = self.logs[restart.stream]
        return [item for item in self.known_at[restart.number] if item.kept is None and item in log]

    def hindrance(self, observed: Observed, stream: Name) -> tuple[Item, str] | None:
        """The event at which a stream has to stand still, and the state in which it waits; None: it may go on.

        What a restored source's log holds is taken one by one, so it may be one of these.
        """
        at = observed.cursors.get(stream, Place(1, 0))
        head = self.next_of(stream, at)
        if head is None:
            return None
        for item in self.asked_of(head, at):
            trouble = self.troubles[item.number]
            if trouble.failures >= FOREVER:
                return item, "parked"
            if trouble.lacks is not None and not self.has(observed, trouble.lacks):
                return item, "not_yet"
        return head, "goes on"


def chain(numbers: Sequence[int]) -> str:
    """The state that these events, applied in this order, leave."""
    return ",".join(map(str, numbers))


def wrongs(history: History, observed: Observed, taken: set[int]) -> list[str]:
    """What no correct inbox may leave behind, at any moment. `taken`: numbers of the events that it acknowledged."""
    found = list(_wrong_recordings(history, observed))
    for stream in history.logs:
        found += _wrong_order(history, observed, stream)
        found += _wrong_state(observed, stream)
        found += _wrong_cursor(history, observed, stream)
    return found + list(_lost(history, observed, taken)) + list(_overslept(history, observed))


def _wrong_order(history: History, observed: Observed, stream: Name) -> Iterator[str]:
    applied = [history.of(number) for number in observed.effects.get(stream, ())]
    places = [item.place for item in applied]
    if len(set(places)) < len(places):
        yield f"{stream.subject}: applied twice: {places}"
    if places != sorted(places):
        yield f"{stream.subject}: out of order: {places}"
    if any(item.stream != stream for item in applied):
        yield f"{stream.subject}: another stream's event"
    for epoch in {place.epoch for place in places}:
        here = sorted({place.sequence for place in places if place.epoch == epoch})
        first = 1 if epoch == 1 else 2
        if here != list(range(first, first + len(here))):
            yield f"{stream.subject}: a hole in epoch {epoch}: {here}"


def _wrong_state(observed: Observed, stream: Name) -> Iterator[str]:
    applied = observed.effects.get(stream, ())
    state, count = observed.states.get(stream, ("", 0))
    if (state, count) != (chain(applied), len(applied)):
        yield f"{stream.subject}: state {state!r} ({count}) after {list(applied)}"


def _wrong_cursor(history: History, observed: Observed, stream: Name) -> Iterator[str]:
    at = observed.cursors.get(stream, Place(1, 0))
    applied = observed.effects.get(stream, ())
    begun = [i for i in history.items if i.stream == stream and i.kept is not None and i.place <= at]
    last = max([history.of(n).place for n in applied] + [i.place for i in begun], default=Place(1, 0))
    if at != last:
        yield f"{stream.subject}: the cursor says {at}, what was done says {last}"
    if begun and begun[-1].place.epoch == at.epoch:
        if missing := {item.number for item in history.still_known(begun[-1])} - set(applied):
            yield f"{stream.subject}: passed over what the restored source holds: {sorted(missing)}"
        beyond = _unknown_to_source(history, begun[-1], applied)
        if beyond and stream not in observed.diverged:
            yield f"{stream.subject}: the source no longer knows {beyond}, and nobody was told"


def _unknown_to_source(history: History, restart: Item, applied: Sequence[int]) -> list[int]:
    """What was applied although the source's backup does not hold it."""
    known = {item.number for item in history.known_at[restart.number]}
    return [n for n in applied if n not in known and history.of(n).place.epoch < restart.place.epoch]


def _wrong_recordings(history: History, observed: Observed) -> Iterator[str]:
    by_subject: dict[str, list[tuple[int, int]]] = {}
    for subject, sequence, number in observed.said_on:
        by_subject.setdefault(subject, []).append((sequence, number))
    for subject, rows in by_subject.items():
        if [sequence for sequence, _ in rows] != list(range(1, len(rows) + 1)):
            yield f"recorded about {subject}: sequences {rows}"
    causes: dict[Name, list[int]] = {}
    for _, _, number in observed.said_on:
        causes.setdefault(history.of(number).stream, []).append(number)
    for stream in causes.keys() | observed.effects.keys():
        if causes.get(stream, []) != list(observed.effects.get(stream, ())):
            yield f"{stream.subject}: recorded {causes.get(stream)} for {list(observed.effects.get(stream, ()))}"


def _lost(history: History, observed: Observed, taken: set[int]) -> Iterator[str]:
    for number in sorted(taken):
        item = history.of(number)
        behind = item.place <= observed.cursors.get(item.stream, Place(1, 0))
        if not behind and (item.stream, item.place) not in observed.waiting:
            yield f"{item.stream.subject}: {item.place} was acknowledged, and is neither applied nor kept"


def _overslept(history: History, observed: Observed) -> Iterator[str]:
    for (stream, place), (state, due) in observed.waiting.items():
        if place <= observed.cursors.get(stream, Place(1, 0)):
            yield f"{stream.subject}: {place} waits though it is behind the cursor"
        item = next(i for i in history.items if (i.stream, i.place) == (stream, place))
        lacks = history.troubles[item.number].lacks if item.kept is None else None
        if state == "not_yet" and not due and lacks is not None and history.has(observed, lacks):
            yield f"{stream.subject}: {place} sleeps though what it lacked has come"


def unsettled(history: History, observed: Observed) -> list[str]:
    """What is wrong once all was delivered and nothing more can move by itself: streams that stand still for nothing,
    or that wait otherwise than they should."""
    found = []
    for stream in history.logs:
        hindrance = history.hindrance(observed, stream)
        rows = {place: state for (name, place), (state, _) in observed.waiting.items() if name == stream}
        if hindrance is None:
            found += [f"{stream.subject}: all was applied, and {rows} wait"] if rows else []
            continue
        head, state = hindrance
        if rows.get(head.place) != state:
            found.append(f"{stream.subject}: {head.place} is {rows.get(head.place)!r} and should be {state!r}")
        tried = {i.place for i in history.items if i.stream == stream and i.kept is not None}
        """A later restart that came first was tried before this head was known."""
        behind = {p: state for p, state in rows.items() if p > head.place and p not in tried and state != "ahead"}
        found += [f"{stream.subject}: {behind} behind {head.place}"] if behind else []
    return found


def unlike_in_order(history: History, observed: Observed) -> list[str]:
    """Differences from delivery in order, once no reaction fails any more."""
    found = []
    for stream, log in history.logs.items():
        said = [item.number for item in log if item.kept is None]
        applied = list(observed.effects.get(stream, ()))
        if [number for number in applied if number in said] != said:
            found.append(f"{stream.subject}: {applied} instead of {said}")
        if set(applied) - set(said) and stream not in observed.diverged:
            found.append(f"{stream.subject}: {applied} where the source knows {said}, and nobody was told")
    return found + [f"{place} waits in the end: {state}" for place, state in observed.waiting.items()]
