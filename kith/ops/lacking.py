"""What a service's listeners have not yet done with one month of its outbox. Looks into all their databases.

Two lists in the order of subjects are walked side by side, so memory is a page of each, however many subjects.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.outbox_partitions import Month
from chassis.settings import Settings
from kith.ops import reaching
from kith.registry import CONSUMERS, listeners

BATCH = 1000
HEADS = """
    select subject collate "C" as subject, epoch, min(sequence) as first, max(sequence) as last from {month}
    group by 1, 2 order by 1, 2
"""
CURSORS = sa.text("""
    select subject collate "C" as subject, epoch, sequence from inbox_cursor where source = :source order by 1
""")
WAITING = sa.text("select subject, epoch, sequence from inbox_waiting where source = :source")
OF_THE_MONTH = """
    select count(*) from {month} join unnest(:subjects, :epochs, :sequences) as waiting (subject, epoch, sequence)
    using (subject, epoch, sequence)
"""


@dataclass(frozen=True)
class Lack:
    """What one listener has not done with a month's events."""

    behind: int
    """Events past its cursor."""

    waiting: int
    """Events that it keeps in its inbox still."""

    def __bool__(self) -> bool:
        return bool(self.behind or self.waiting)


def lacking(settings: Settings, engine: sa.Engine, service: str, month: Month) -> dict[str, Lack]:
    """Listener -> what it lacks of a month; those that lack nothing are left out."""
    source, found = reaching.source_of(settings, service), {}
    with ExitStack() as opened:
        inboxes = {
            name: opened.enter_context(_inbox(settings, CONSUMERS[name].database_name))
            for name in listeners(service)
        }
        behind = _behind(engine, month, {name: _cursors(inbox, source) for name, inbox in inboxes.items()})
        for name, inbox in inboxes.items():
            found[name] = Lack(behind[name], _waiting(engine, month, inbox, source))
    return {name: lack for name, lack in found.items() if lack}


@contextmanager
def _inbox(settings: Settings, database: str) -> Iterator[sa.Connection]:
    with reaching.engine(settings, database) as engine, engine.connect() as connection:
        yield connection


class _Cursors:
    """A listener's cursors in the order of subjects, asked for in that order."""

    def __init__(self, rows: Iterator[Any]) -> None:
        self._rows = rows
        self._row = next(rows, None)

    def of(self, subject: str) -> tuple[int, int]:
        """Epoch and sequence up to which it applied the subject."""
        while self._row is not None and self._row.subject < subject:
            self._row = next(self._rows, None)
        if self._row is None or self._row.subject != subject:
            return 0, 0
        return self._row.epoch, self._row.sequence


def _cursors(inbox: sa.Connection, source: str) -> _Cursors:
    return _Cursors(iter(inbox.execute(CURSORS, {"source": source}, execution_options={"yield_per": BATCH})))


def _behind(engine: sa.Engine, month: Month, listening: Mapping[str, _Cursors]) -> dict[str, int]:
    """How many of the month's events lie past each listener's cursors: one walk along all, in byte order."""
    found = dict.fromkeys(listening, 0)
    with engine.connect() as connection:
        heads = sa.text(HEADS.format(month=month.table))
        for head in connection.execute(heads, execution_options={"yield_per": BATCH}):
            for name, cursors in listening.items():
                epoch, sequence = cursors.of(head.subject)
                done = head.last if epoch > head.epoch else sequence if epoch == head.epoch else 0
                found[name] += max(0, head.last - max(done, head.first - 1))
    return found


def _waiting(engine: sa.Engine, month: Month, inbox: sa.Connection, source: str) -> int:
    """How many of the month's events a listener keeps in its inbox."""
    types = {"subjects": sa.Text, "epochs": sa.Integer, "sequences": sa.BigInteger}
    counted = sa.text(OF_THE_MONTH.format(month=month.table)).bindparams(
        *(sa.bindparam(name, type_=ARRAY(kind)) for name, kind in types.items())
    )
    found = 0
    with engine.connect() as connection:
        rows = inbox.execute(WAITING, {"source": source}, execution_options={"yield_per": BATCH})
        for batch in rows.partitions():
            columns = zip(*batch, strict=True)
            found += connection.scalar(counted, dict(zip(types, map(list, columns), strict=True))) or 0
    return found
