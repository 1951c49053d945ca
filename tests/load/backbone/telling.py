"""Events to measure with: real envelopes of a real contract, in order or out of it."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from chassis.clock import Clock
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.tracing import child_of
from contracts.codes import LeaveReason
from contracts.envelope import Envelope
from contracts.pairing import HelperLeft

FIRST_DAY = date(2000, 1, 1).toordinal()
COUNTY = "990101"
SOURCE = f"/kith/{COUNTY}/pairing"
AHEAD = 0.20
TWICE = 0.05
TWICE_WITHIN = 500


@dataclass(frozen=True, slots=True)
class Told:
    """One event as the outbox holds it."""

    id: UUID
    subject: str
    sequence: int
    type: str
    body: str
    traceparent: str


def subject(number: int) -> UUID:
    """The n-th helper of the bench."""
    return UUID(int=0x0192_0000_0000_7000_8000_0000_0000_0000 + number)


def day_of(sequence: int) -> date:
    """Each event of a subject is a day later than the one before it: so a reaction's rows show the order."""
    return date.fromordinal(FIRST_DAY + sequence)


def fact(helper: UUID, sequence: int, reason: LeaveReason = LeaveReason.NOT_SAID) -> HelperLeft:
    """What every event of the bench says."""
    return HelperLeft(helper_id=helper, area_code=COUNTY, left_on=day_of(sequence), reason=reason)


def tell(count: int, subjects: int, seed: int = 1) -> list[Told]:
    """`count` events about `subjects` helpers, each event about one drawn at random, in the order they became true."""
    drawn = random.Random(seed)
    at = Clock.of(Settings()).now()
    said: dict[int, int] = defaultdict(int)
    events = []
    for _ in range(count):
        number = drawn.randrange(subjects)
        said[number] += 1
        events.append(_told(number, said[number], at))
    return events


def _told(number: int, sequence: int, at: datetime) -> Told:
    event = fact(subject(number), sequence)
    envelope = Envelope(
        id=new_id(),
        source=SOURCE,
        type=event.type,
        subject=event.subject,
        time=at.astimezone(UTC),
        epoch=1,
        sequence=sequence,
        causationid=str(new_id()),
        decisionid=new_id(),
        traceparent=child_of(None),
        data=event.model_dump(mode="json"),
    )
    body = envelope.model_dump_json(exclude_none=True)
    return Told(envelope.id, event.subject, sequence, event.type, body, envelope.traceparent or "")


def disordered(events: Sequence[Told], seed: int = 2) -> list[Told]:
    """The same events as a broker may bring them: 20% come before their predecessor, 5% come twice."""
    drawn = random.Random(seed)
    shuffled = _with_some_ahead(events, drawn)
    again = drawn.sample(range(len(shuffled)), int(len(shuffled) * TWICE))
    late = defaultdict(list)
    for place in again:
        late[min(len(shuffled) - 1, place + drawn.randint(1, TWICE_WITHIN))].append(shuffled[place])
    found = []
    for place, event in enumerate(shuffled):
        found.append(event)
        found.extend(late[place])
    return found


def _with_some_ahead(events: Sequence[Told], drawn: random.Random) -> list[Told]:
    """Swap neighbours of the same subject until one event in five comes ahead of its turn."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, event in enumerate(events):
        places[event.subject].append(place)
    pairs = [pair for of_one in places.values() for pair in zip(of_one[::2], of_one[1::2], strict=False)]
    swapped = list(events)
    for first, second in drawn.sample(pairs, min(len(pairs), int(len(events) * AHEAD))):
        swapped[first], swapped[second] = swapped[second], swapped[first]
    return swapped
