"""A consumer with a real database whose reaction misbehaves as it is told, and what can be seen of it afterwards."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from chassis.addresses import owner_url
from chassis.namespace import Namespace
from chassis.restoring import stream_restored
from chassis.runtime import Runtime
from chassis.service import NotYet, Service, on
from chassis.settings import Settings
from chassis.surroundings import PeerAway
from chassis.work import Work
from contracts.actor import Actor
from contracts.codes import LeaveReason
from contracts.envelope import Envelope
from contracts.log import ReadStream, StreamPage
from contracts.messages import Query, View
from contracts.pairing import HelperLeft
from tests.support.hosting import prepare_bare
from tests.support.inbox_model import FOREVER, History, Item, Name, Observed, Place

CONSUMER = "consumer"
FIRST_DAY = date(2026, 1, 1)
COUNTY = "/kith/990101"
EVERYBODY = str(uuid.UUID(int=1))
"""The subject about which reactions to events of several streams record something."""

TABLES = (
    "create table effect (n bigserial, stream text not null, number int not null)",
    "create table state (stream text primary key, numbers text not null, counted int not null default 0)",
)
EMPTIED = ("effect", "state", "inbox_waiting", "inbox_cursor", "inbox_diverged", "outbox", "stream")
EFFECT = sa.text("insert into effect (stream, number) values (:stream, :number)")
STATE = sa.text("""
    insert into state (stream, numbers) values (:stream, :number) on conflict (stream) do update
    set numbers = state.numbers || ',' || excluded.numbers
""")
COUNT = sa.text("""
    update state set counted = (select count(*) from effect where effect.stream = state.stream) where stream = :stream
""")
HAS = sa.text("""
    select exists (select from effect where number = :number)
        or exists (select from inbox_cursor where source = :source and subject = :subject and epoch > :epoch)
""")
SEEN = sa.text("""
    select (select coalesce(json_agg(json_build_array(stream, number) order by n), '[]') from effect) as effects,
        (select coalesce(json_agg(json_build_array(stream, numbers, counted)), '[]') from state) as states,
        (select coalesce(json_agg(json_build_array(subject, sequence, body::json ->> 'causationid') order by id), '[]')
            from outbox) as said,
        (select coalesce(json_agg(json_build_array(source, subject, epoch, sequence)), '[]') from inbox_cursor)
            as cursors,
        (select coalesce(json_agg(json_build_array(source, subject, epoch, sequence, state, due_at <= now())), '[]')
            from inbox_waiting) as waiting,
        (select coalesce(json_agg(json_build_array(source, subject)), '[]') from inbox_diverged) as diverged
""")


class ToldToFail(Exception):
    """The reaction fails because the test wants it."""


class PowerCut(BaseException):
    """The process ends between two statements. No handler for errors may catch it."""


def event_id(number: int) -> uuid.UUID:
    """The id of the event of that number, the same in every run."""
    return uuid.UUID(int=number << 64)


def envelope_of(item: Item) -> Envelope:
    """An event as it comes from the wire; its day says which number it has."""
    subject = item.stream.subject
    data: Any = HelperLeft(
        helper_id=uuid.UUID(subject),
        area_code="990101101",
        left_on=FIRST_DAY + timedelta(days=item.number),
        reason=LeaveReason.MOVED,
    )
    if item.kept is not None:
        kind = stream_restored(item.stream.service)
        data = kind(stream=subject, kept_epoch=item.kept.epoch, kept_sequence=item.kept.sequence)
    return Envelope(
        id=event_id(item.number),
        source=f"{COUNTY}/{item.stream.service}",
        type=data.type,
        subject=subject,
        time=datetime(2026, 4, 15, tzinfo=UTC),
        epoch=item.place.epoch,
        sequence=item.place.sequence,
        data=data.model_dump(mode="json"),
    )


class Script:
    """How the reaction behaves, and what the sources answer when they are asked for their logs."""

    def __init__(self) -> None:
        self.begin()

        @on(HelperLeft)
        def note(work: Work, event: HelperLeft) -> None:
            self._note(work, (event.left_on - FIRST_DAY).days)

        self.service = Service(name=CONSUMER, reactions=(note,))

    def begin(self) -> None:
        """Forget everything."""
        self.history = History()
        self.failures: dict[int, int] = {}
        self.sources_away = False

    def failures_left(self) -> int:
        """How often reactions will still fail that do not fail for ever."""
        finite = {n: t.failures for n, t in self.history.troubles.items() if t.failures < FOREVER}
        return sum(max(0, failures - self.failures.get(number, 0)) for number, failures in finite.items())

    def _note(self, work: Work, number: int) -> None:
        item, trouble = self.history.of(number), self.history.troubles[number]
        stream = "/".join(item.stream)
        self._trip(work, number, "before")
        work.connection.execute(EFFECT, {"stream": stream, "number": number})
        if trouble.lacks is not None and not self._has(work, trouble.lacks):
            raise NotYet(self.history.of(trouble.lacks).stream.subject)
        work.record(self._recorded(number, item.stream.subject if number % 2 else EVERYBODY))
        self._trip(work, number, "middle")
        work.connection.execute(STATE, {"stream": stream, "number": str(number)})
        work.last(self._count, (stream, number))
        self._trip(work, number, "after")

    def _count(self, work: Work, applied: list[tuple[str, int]]) -> None:
        """Once for each stream of a batch."""
        for stream, number in dict(reversed(applied)).items():
            self._trip(work, number, "last")
            work.connection.execute(COUNT, {"stream": stream})

    def _trip(self, work: Work, number: int, step: str) -> None:
        trouble = self.history.troubles[number]
        if trouble.step != step or self.failures.get(number, 0) >= trouble.failures:
            return
        self.failures[number] = self.failures.get(number, 0) + 1
        if number % 3 == 0:
            work.connection.execute(
                sa.text("select 1 / 0")
            )  # such an error ends the transaction, not only the step
        raise ToldToFail

    def _has(self, work: Work, number: int) -> bool:
        item = self.history.of(number)
        wanted = {"number": number, "source": f"{COUNTY}/{item.stream.service}", "subject": item.stream.subject,
                  "epoch": item.place.epoch}  # fmt: skip
        return bool(work.connection.scalar(HAS, wanted))

    @staticmethod
    def _recorded(number: int, subject: str) -> HelperLeft:
        return HelperLeft(
            helper_id=uuid.UUID(subject),
            area_code="990101101",
            left_on=FIRST_DAY + timedelta(days=number),
            reason=LeaveReason.ILLNESS,
        )

    def ask(self, query: Query, actor: Actor, traceparent: str | None) -> View:
        """A source's log, as its present database holds it."""
        assert isinstance(query, ReadStream)
        if self.sources_away:
            raise PeerAway("timeout")
        after = Place(query.after_epoch, query.after_sequence)
        log = self.history.logs.get(Name(query.spec.name.split(".")[0], query.stream), [])
        found = [envelope_of(item).model_dump_json(exclude_none=True) for item in log if item.place > after]
        return StreamPage(events=tuple(found[: query.limit]))


class Consumers:
    """The consumer's database, seen from outside."""

    def __init__(self, settings: Settings, script: Script) -> None:
        self._names = Namespace(settings.namespace)
        prepare_bare(settings, CONSUMER)
        self._owner = sa.create_engine(owner_url(settings, CONSUMER))
        with self._owner.begin() as connection:
            database = self._names.database(CONSUMER)
            connection.exec_driver_sql(
                f'alter database "{database}" set synchronous_commit to off'
            )  # it is fast then
            for statement in TABLES:
                connection.exec_driver_sql(statement)
            for what in ("tables", "sequences"):
                connection.exec_driver_sql(f'grant all on all {what} in schema public to "{self._names.app_role}"')
        self.runtime = Runtime.of(script.service, settings, script)

    def close(self) -> None:
        """Give the connections back."""
        self.runtime.database.close()
        self._owner.dispose()

    def clear(self) -> None:
        """As if nothing had ever been said."""
        self.change(*(f"delete from {table}" for table in EMPTIED))

    def change(self, *statements: str) -> None:
        """What an operator, or time, does to the tables."""
        with self._owner.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    @contextmanager
    def power_cut(self, statement: int | None) -> Iterator[None]:
        """The consumer's process ends before its n-th statement or commit from now on."""
        left = statement

        def count(*_: object) -> None:
            nonlocal left
            left = None if left is None else left - 1
            if left == 0:
                raise PowerCut

        engine, hooks = self.runtime.database.engine, ("before_cursor_execute", "commit")
        for hook in hooks:
            sa.event.listen(engine, hook, count)
        try:
            yield
        finally:
            for hook in hooks:
                sa.event.remove(engine, hook, count)

    def observe(self) -> Observed:
        """Everything that the consumer did, as committed."""
        with self._owner.connect() as connection:
            row = connection.execute(SEEN).one()
        effects: dict[Name, list[int]] = {}
        for stream, number in row.effects:
            effects.setdefault(_name(stream), []).append(number)
        return Observed(
            effects=effects,
            states={_name(stream): (numbers, counted) for stream, numbers, counted in row.states},
            said_on=[(subject, sequence, uuid.UUID(cause).int >> 64) for subject, sequence, cause in row.said],
            cursors={_name(a, b): Place(c, d) for a, b, c, d in row.cursors},
            waiting={(_name(a, b), Place(c, d)): (state, bool(due)) for a, b, c, d, state, due in row.waiting},
            diverged=frozenset(_name(*name) for name in row.diverged),
        )


def _name(stream: str, subject: str | None = None) -> Name:
    service, _, last = stream.rpartition("/")
    return Name(service, last) if subject is None else Name(last, subject)
