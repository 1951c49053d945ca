"""A county whose listener `notify` can be made to fail, and the operators' commands on it."""

import contextlib
import io
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from random import Random
from threading import Event
from typing import Any
from unittest import mock
from uuid import UUID

import sqlalchemy as sa

from chassis import outbox
from chassis.addresses import owner_url
from chassis.decoding import decode
from chassis.inbox import Inbox
from chassis.namespace import Namespace
from chassis.runtime import Runtime
from chassis.service import NotYet, Service, on
from chassis.settings import Settings
from chassis.work import Work, transact
from contracts.codes import LeaveReason
from contracts.envelope import Envelope
from contracts.pairing import HelperLeft
from kith.commands import run
from kith.registry import MIGRATIONS
from tests.support.hosting import runtimes

SEEN = sa.text("insert into seen (subject, event_id) values (:subject, :event)")


@dataclass(frozen=True)
class Answer:
    """What a command said and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Listener:
    """What the listener does, and how it is made to fail."""

    def __init__(self, name: str) -> None:
        self.fails: set[str] = set()
        self.lacks: dict[str, str] = {}
        self.chance = 0.0
        self.random = Random(7)
        self.stops_at = ""
        self.entered, self.go_on = Event(), Event()

        @on(HelperLeft)
        def note(work: Work, event: HelperLeft) -> None:
            work.connection.execute(SEEN, {"subject": event.subject, "event": work.causation})
            if event.subject in self.fails:
                raise ValueError("told to fail")
            if event.subject == self.stops_at:
                self.entered.set()
                self.go_on.wait(30)
            if self.random.random() < self.chance:
                raise ValueError("drawn to fail")
            if event.subject in self.lacks:
                raise NotYet(self.lacks[event.subject])

        self.service = Service(name=name, reactions=(note,))


class Desk:
    """An operator's desk: the source `pairing` speaks, `notify` listens, commands are given."""

    def __init__(self, settings: Settings, source: Runtime, runtime: Runtime, listener: Listener) -> None:
        self.settings, self.source, self.runtime = settings, source, runtime
        self.listener, self.fails, self.lacks = listener, listener.fails, listener.lacks
        self.inbox = Inbox(runtime)

    def say(self, *subjects: UUID, times: int = 1, sent: bool = True) -> list[Envelope]:
        """Recorded at the source and, unless it is to stay unsent, taken from its outbox."""

        def do(work: Work) -> None:
            for _ in range(times):
                work.record(*[leaving(subject) for subject in subjects])

        transact(self.source, self.source.system, do)
        return self.relay() if sent else []

    def relay(self) -> list[Envelope]:
        with self.source.database.begin() as connection:
            rows = outbox.unsent(connection, 10_000)
            outbox.mark_sent(connection, rows)
        return [decode(row.body) for row in rows]

    def park(self, subject: UUID, behind: int = 2) -> Envelope:
        """An event whose reaction failed too often, with others behind it."""
        self.fails.add(str(subject))
        first, *others = self.say(subject, times=1 + behind)
        self.inbox.receive([first, *others])
        self.sql("update inbox_waiting set attempts = 6 where state = 'retry'")
        self.make_due()
        self.inbox.tick()
        assert self.states(subject)[:1] == ["parked"]
        return first

    def make_due(self) -> None:
        self.sql("update inbox_waiting set due_at = now() where due_at is not null")

    def grow_old(self, minutes: int = 10) -> None:
        """As if everything that waits had come and been sent that long ago."""
        self.sql(f"update inbox_waiting set since = since - interval '{minutes} minutes'")
        with as_owner(self.settings, "pairing") as owner:
            for table in ("outbox", "outbox_unsent"):
                owner.exec_driver_sql(f"update {table} set created_at = created_at - interval '{minutes} minutes'")

    def states(self, subject: UUID) -> list[str]:
        query = f"select state from inbox_waiting where subject = '{subject}' order by epoch, sequence"
        return [row.state for row in self.rows(query)]

    def applied(self, subject: UUID) -> list[str]:
        return [
            row.event_id for row in self.rows(f"select event_id from seen where subject = '{subject}' order by n")
        ]

    def rows(self, query: str) -> Sequence[Any]:
        with self.runtime.database.begin() as connection:
            return connection.execute(sa.text(query)).all()

    def sql(self, statement: str) -> None:
        with self.runtime.database.begin() as connection:
            connection.execute(sa.text(statement))

    def ops(self, *arguments: str) -> Answer:
        """`kith ops …` in this process, as an operator of this county would run it."""
        return command(self.settings, *arguments)


def command(settings: Settings, *arguments: str) -> Answer:
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict("os.environ", settings.environment()),
        mock.patch.object(sys, "argv", ["kith", "ops", *arguments]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        status = run()
    return Answer(status, out.getvalue(), err.getvalue())


def leaving(subject: UUID) -> HelperLeft:
    return HelperLeft(helper_id=subject, area_code="990101101", left_on=date(2026, 4, 1), reason=LeaveReason.MOVED)


TABLES = ("outbox", "stream", "inbox_cursor", "inbox_waiting", "inbox_skipped", "inbox_diverged")


def prepare(settings: Settings, consumer: str = "notify") -> None:
    """The table in which the listener notes what it applied, in the order in which it did."""
    role = Namespace(settings.namespace).app_role
    with as_owner(settings, consumer) as owner:
        owner.exec_driver_sql("create table if not exists seen (n bigserial, subject text, event_id text)")
        owner.exec_driver_sql(f'grant all on seen to "{role}"')
        owner.exec_driver_sql(f'grant usage on sequence seen_n_seq to "{role}"')


def clear(settings: Settings) -> None:
    """Forget every event, so that each test sees only its own."""
    for database in MIGRATIONS:
        with as_owner(settings, database) as owner:
            for table in TABLES:
                owner.exec_driver_sql(f"delete from {table}")


@contextmanager
def as_owner(settings: Settings, database: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(owner_url(settings, database))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@contextmanager
def desk(settings: Settings, consumer: str = "notify") -> Iterator[Desk]:
    listener = Listener(consumer)
    with runtimes(settings, [Service(name="pairing"), listener.service]) as found:
        yield Desk(settings, found["pairing"], found[consumer], listener)
    clear(settings)
