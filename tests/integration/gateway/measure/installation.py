"""What the tests of measure do to it: deliver events, let days pass, recompute, look."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import sqlalchemy as sa

import gateway
from chassis.clock import Clock
from chassis.inbox import Inbox
from chassis.runtime import Runtime
from chassis.work import begin
from contracts.envelope import Envelope
from contracts.messages import Event
from gateway.measure.facts import Fact, facts_of
from gateway.measure.folding import Amount, Cell, fold
from gateway.measure.recompute import Mismatch, recompute
from gateway.measure.timers import refold_due
from tests.support.measure import envelopes, uid

GATEWAY_MIGRATIONS = Path(gateway.__file__).parent / "migrations"


class Installation:
    """Measure with a database, on a day."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime

    @property
    def today(self) -> date:
        return self.runtime.clock.today()

    def on(self, day: date) -> "Installation":
        """The same installation on another day."""
        return Installation(replace(self.runtime, clock=Clock(self.runtime.clock.zone, day)))

    def receive(self, batch: Sequence[Envelope]) -> int:
        return Inbox(self.runtime).receive(batch)

    def hear(self, *events: Event) -> None:
        self.receive(envelopes(events))

    def refold_due(self) -> None:
        refold_due(self.runtime)

    def mismatches(self) -> list[Mismatch]:
        with self.runtime.database.engine.connect() as connection:
            return recompute(connection, self.today, within=self.runtime.system.scope).mismatches

    @contextmanager
    def seen_from(self, area: str) -> Iterator[sa.Connection]:
        """A connection with row security set to an area."""
        actor = self.runtime.system.model_copy(update={"area": area})
        with begin(self.runtime, actor) as work:
            yield work.connection

    def run(self, statement: str, **values: object) -> sa.CursorResult[tuple[object, ...]]:
        """One statement as the services' role, committed."""
        with self.seen_from(self.runtime.settings.county) as connection:
            result = connection.execute(sa.text(statement), values)
            return result.freeze()() if result.returns_rows else result  # type: ignore[return-value]

    def totals(self) -> dict[Cell, Amount]:
        """All figures that are not zero."""
        rows = self.run("select indicator, period, area_code, breakdown, num, den from agg")
        return {Cell(*cell): (num, den) for *cell, num, den in rows if num or den}  # type: ignore[misc]


def totals_of(events: Iterable[Event], as_of: date, *, heard_on: date) -> dict[Cell, Amount]:
    """The same figures without database or inbox: every entity's fold, summed."""
    known: dict[str, list[Fact]] = {}
    for position, event in enumerate(events):
        for new in facts_of(event, uid("event"), heard_on):
            fact = Fact(new.entity, new.kind, new.valid_on, position, new.data)
            known.setdefault(new.entity, []).append(fact)
    totals: dict[Cell, Amount] = {}
    for facts in known.values():
        for cell, (num, den) in fold(facts, as_of).contributions.items():
            num_before, den_before = totals.get(cell, (0, 0))
            totals[cell] = (num_before + num, None if den is None else (den_before or 0) + den)
    return {cell: amount for cell, amount in totals.items() if amount[0] or amount[1]}
