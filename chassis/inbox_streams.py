"""One subject within a batch of the inbox: where its cursor stands and what lies before it. Pure; no database."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from chassis.inbox_store import Waiting
from contracts.envelope import Envelope


class Key(NamedTuple):
    """What order is promised for."""

    source: str
    subject: str


class Position(NamedTuple):
    """A place in a stream. A restored source begins anew at sequence 1 of a higher epoch."""

    epoch: int
    sequence: int


def position(envelope: Envelope) -> Position:
    """Where in its stream an event stands."""
    return Position(envelope.epoch, envelope.sequence)


@dataclass
class Stream:
    """The cursor of one subject, and the events that are not applied yet."""

    at: Position
    at_start: Position
    pending: dict[Position, Envelope] = field(default_factory=dict)
    kept: dict[Position, Waiting] = field(default_factory=dict)
    """Those that have a row in inbox_waiting."""

    failed: Envelope | None = None
    """What was tried and has a row of its own: nothing behind it is tried."""

    _later: bool = False

    def resume(self, envelope: Envelope, row: Waiting) -> None:
        """Put an event before the cursor that was kept from an earlier batch."""
        self._put(position(envelope), envelope)
        self.kept[position(envelope)] = row

    def take(self, envelope: Envelope) -> bool:
        """Put an event before the cursor; False if it is known already."""
        place = position(envelope)
        if place <= self.at or place in self.pending:
            return False
        self._put(place, envelope)
        return True

    def next(self) -> Envelope | None:
        """The event whose turn it is, if it is there.

        Once a later epoch has begun, that is its first event: what is left of the epoch before is then taken from
        the source's log, since not all that was on its way need have survived the restore.
        """
        if self._later:
            begins = [each for each in self.pending if each.epoch > self.at.epoch and each.sequence == 1]
            if begins:
                return self.pending[min(begins)]
        return self.pending.get(Position(self.at.epoch, self.at.sequence + 1))

    def _put(self, place: Position, envelope: Envelope) -> None:
        self.pending[place] = envelope
        self._later = self._later or place.epoch > self.at.epoch

    def advance(self, envelope: Envelope) -> None:
        """The event was applied: it and what lies behind it is done."""
        place = position(envelope)
        if place.epoch > self.at.epoch:
            self.pending = {each: event for each, event in self.pending.items() if each > place}
            self._later = any(each.epoch > place.epoch for each in self.pending)
        else:
            del self.pending[place]
        self.at = place

    def catch_up(self, missed: Envelope) -> None:
        """An event from a restored source's log was applied, before the event that begins its new epoch."""
        self.at = position(missed)
        self.pending = {each: event for each, event in self.pending.items() if each > self.at}

    @property
    def moved(self) -> bool:
        """Whether the cursor must be written."""
        return self.at != self.at_start

    def ahead(self) -> Iterator[Envelope]:
        """What must be kept until its turn comes. An event that was tried and failed has been kept already."""
        failed = position(self.failed) if self.failed else None
        for place in sorted(self.pending):
            if place not in self.kept and place != failed:
                yield self.pending[place]
