"""The outbox's months: made ahead of the clock, read and taken out one by one. All but `make_ahead` is the owner's."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple

import sqlalchemy as sa

from chassis.schema import outbox_archived

MONTHS_AHEAD = 13
PAGE = 1000
HELD = sa.text(r"""
    select relid::regclass::text from pg_partition_tree('outbox') where isleaf and level = 1
      and relid::regclass::text ~ '^outbox_y\d{4}m\d{2}$'
""")
UNSENT = sa.text("""
    select count(*) from outbox_unsent
    where created_at >= cast(:first as timestamp) at time zone 'utc'
      and created_at < cast(:next as timestamp) at time zone 'utc'
""")
LOCK_TIMEOUT = sa.text("set local lock_timeout = '5s'")
"""Every writer of events would wait behind us."""


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month of UTC, printed as 2026-11."""

    year: int
    number: int

    @classmethod
    def of(cls, moment: datetime) -> "Month":
        """The month that a moment lies in."""
        there = moment.astimezone(UTC)
        return cls(there.year, there.month)

    @classmethod
    def parse(cls, text: str) -> "Month":
        """From 2026-11; ValueError if it is none."""
        first = date.fromisoformat(f"{text}-01")
        return cls(first.year, first.month)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def table(self) -> str:
        """Its partition."""
        return f"outbox_y{self.year:04}m{self.number:02}"

    def later(self, months: int) -> "Month":
        """So many months after it; before it, if negative."""
        years, number = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(years, number + 1)


class MonthTouched(Exception):
    """Events came into the month, or are to be sent anew, since it was archived."""


class Entry(NamedTuple):
    """What never changes of an event in the outbox."""

    id: int
    event_id: str
    subject: str
    epoch: int
    sequence: int
    type: str
    traceparent: str | None
    created_at: str
    body: str


def make_ahead(connection: sa.Connection) -> int:
    """See to it that the clock meets a partition for every month to come for a year; how many were made."""
    return connection.scalar(sa.text("select make_outbox_partitions(:months)"), {"months": MONTHS_AHEAD}) or 0


def held(connection: sa.Connection) -> list[Month]:
    """The months that the outbox has a partition for, oldest first."""
    return sorted(Month(int(name[8:12]), int(name[13:15])) for name in connection.execute(HELD).scalars())


def archived(connection: sa.Connection) -> list[Month]:
    """The months that left the outbox, oldest first."""
    days = connection.execute(sa.select(outbox_archived.c.month)).scalars()
    return sorted(Month(day.year, day.month) for day in days)


def unsent(connection: sa.Connection, month: Month) -> int:
    """How many of a month's events no broker has confirmed."""
    return connection.scalar(UNSENT, {"first": month.first_day, "next": month.later(1).first_day}) or 0


def entries(connection: sa.Connection, month: Month) -> Iterator[Entry]:
    """All of a month, in the order of ids. Memory: a page; the connection is busy until the last one was read."""
    statement = sa.text(f"""
        select id, event_id::text, subject, epoch, sequence, type, traceparent,
               to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), body
        from {month.table} order by id
    """)
    rows = connection.execute(statement, execution_options={"yield_per": PAGE})
    return (Entry(*row) for row in rows)


def take_out(connection: sa.Connection, month: Month, events: int, digest: bytes, last_id: int) -> None:
    """Drop a month that lies in the archive and put that on record; MonthTouched if it is not as it was read.

    Within the caller's transaction. Waits at most five seconds for those who are writing (lock_not_available).
    """
    connection.execute(LOCK_TIMEOUT)
    connection.exec_driver_sql(f"alter table outbox detach partition {month.table}")
    newest = connection.scalar(sa.text(f"select max(id) from {month.table}"))
    if (newest or 0) != last_id or unsent(connection, month):
        raise MonthTouched(month)
    connection.execute(
        sa.insert(outbox_archived).values(month=month.first_day, events=events, digest=digest, last_id=last_id)
    )
    connection.exec_driver_sql(f"drop table {month.table}")
