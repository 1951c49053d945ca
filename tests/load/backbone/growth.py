"""Memory of relay and consumer after few and after many events."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.load.backbone import latency, sending
from tests.load.backbone.children import Child
from tests.load.backbone.consuming import Broken, applied_so_far, committed
from tests.load.backbone.place import Place
from tests.load.backbone.telling import Told

PORTION = 20_000
"""So many events are put into the outbox at a time: a relay is never far behind, and neither is a queue long."""


@dataclass(frozen=True)
class Resident:
    """Bytes of memory of both processes."""

    relay: int
    consumer: int


def memory(place: Place, events: Sequence[Told], few: int, within: float = 600) -> tuple[Resident, Resident]:
    """What both processes hold after the first `few` events and after all of them."""
    with latency.running(place) as path:
        relay, consumer = path.children
        place.expect(told.subject for told in events)
        start = committed(place)
        found = []
        for wanted in (few, len(events)):
            for portion in range(start_of(wanted, few), wanted, PORTION):
                place.fill_outbox(events[portion : min(portion + PORTION, wanted)])
                _drain(place, path.children, start + min(portion + PORTION, wanted), within)
            found.append(Resident(relay.resident(), consumer.resident()))
    return found[0], found[1]


def start_of(wanted: int, few: int) -> int:
    """Where the events of a phase begin."""
    return 0 if wanted == few else few


def _drain(place: Place, children: Sequence[Child], wanted: int, within: float) -> None:
    end = time.monotonic() + within
    while applied_so_far(place) < wanted or sending.ask(place, sending.UNSENT):
        for child in children:
            child.lives()
        if time.monotonic() > end:
            raise Broken(f"{applied_so_far(place)} of {wanted} events applied in {within:g} s")
        time.sleep(0.1)
