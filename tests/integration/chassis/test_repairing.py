"""What is missing is asked for at the source, after a restore as well as after a loss."""

import random
import uuid
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from chassis import fingerprint, log, outbox
from chassis.database import Database
from chassis.decoding import decode
from chassis.fingerprint import DatabaseRestored
from chassis.inbox import Inbox
from chassis.repairing import repair
from chassis.restoring import stream_restored
from chassis.runtime import Runtime
from chassis.service import Service, on
from chassis.work import Work, transact
from contracts.codes import LeaveReason
from contracts.envelope import Envelope
from contracts.pairing import HelperLeft, PairingStreamRestored, ReadPairingStream
from tests.support.hosting import prepare_bare, runtimes, settings_for

SEEN = sa.text("insert into seen (subject, sequence, type) values (:subject, 0, :type)")
AT_ONCE = timedelta(0)


@on(HelperLeft)
def note(work: Work, event: HelperLeft) -> None:
    work.connection.execute(SEEN, {"subject": event.subject, "type": work.causation})


SOURCE = Service(name="pairing", queries={ReadPairingStream: log.read_stream})
LISTENER = Service(name="consumer", reactions=(note,))


@pytest.fixture(scope="module")
def installation(database_server: str, namespace: str) -> object:
    settings = settings_for(database_server, f"{namespace}repair")
    for name in ("pairing", "consumer"):
        prepare_bare(settings, name)
    return settings


@pytest.fixture
def hosted(installation: object) -> Iterator[dict[str, Runtime]]:
    with runtimes(installation, [SOURCE, LISTENER]) as found:  # type: ignore[arg-type]
        yield found


@pytest.fixture
def alone(installation: object) -> Iterator[Runtime]:
    """The listener, with nobody to ask."""
    with runtimes(installation, [LISTENER]) as found:  # type: ignore[arg-type]
        yield found["consumer"]


def say(source: Runtime, subject: uuid.UUID, times: int) -> list[Envelope]:
    left = HelperLeft(helper_id=subject, area_code="990101101", left_on=date(2026, 4, 1), reason=LeaveReason.MOVED)
    transact(source, source.system, lambda work: work.record(*[left] * times))
    return whole_stream(source, subject)


def whole_stream(source: Runtime, subject: uuid.UUID) -> list[Envelope]:
    with source.database.begin() as connection:
        return [decode(body) for body in outbox.stream(connection, str(subject), (0, 0), 10_000)]


def applied(listener: Runtime, subject: uuid.UUID) -> list[str]:
    """Ids of events, in the order in which they were applied."""
    with listener.database.begin() as connection:
        return list(
            connection.scalars(sa.text("select type from seen where subject = :s order by n"), {"s": str(subject)})
        )


def ids(envelopes: list[Envelope]) -> list[str]:
    return [str(envelope.id) for envelope in envelopes]


def begin_anew(source: Runtime, subject: uuid.UUID, kept: int) -> Envelope:
    """The source was restored to `kept` events of this subject; its word about it."""

    def do(work: Work) -> None:
        work.connection.execute(sa.text("update epoch set number = 2"))
        work.connection.execute(
            sa.text("delete from outbox where subject = :s and sequence > :kept"), {"s": str(subject), "kept": kept}
        )
        work.connection.execute(sa.text("update stream set sequence = 0 where subject = :s"), {"s": str(subject)})
        work.record(PairingStreamRestored(stream=str(subject), kept_epoch=1, kept_sequence=kept))

    transact(source, source.system, do)
    return whole_stream(source, subject)[-1]


@pytest.fixture
def first_epoch(hosted: dict[str, Runtime]) -> Iterator[None]:
    yield
    with hosted["pairing"].database.begin() as connection:
        connection.exec_driver_sql("update epoch set number = 1")


def test_a_hole_that_nobody_fills_is_asked_for_at_the_source(hosted: dict[str, Runtime]) -> None:
    subject, inbox = uuid.uuid4(), Inbox(hosted["consumer"])
    said = say(hosted["pairing"], subject, 5)
    assert inbox.receive([said[0], said[4]]) == 1
    assert repair(hosted["consumer"], inbox, AT_ONCE) == 4
    assert applied(hosted["consumer"], subject) == ids(said)


def test_control_without_a_source_that_answers_the_hole_stays_and_nothing_is_lost(
    hosted: dict[str, Runtime], alone: Runtime
) -> None:
    subject, inbox = uuid.uuid4(), Inbox(alone)
    said = say(hosted["pairing"], subject, 3)
    inbox.receive([said[2]])
    assert repair(alone, inbox, AT_ONCE) == 0
    assert applied(alone, subject) == []
    assert repair(hosted["consumer"], Inbox(hosted["consumer"]), AT_ONCE) == 3


def test_a_hole_is_left_alone_for_a_minute_and_then_asked_for_once_a_minute(hosted: dict[str, Runtime]) -> None:
    subject, inbox = uuid.uuid4(), Inbox(hosted["consumer"])
    said = say(hosted["pairing"], subject, 2)
    inbox.receive([said[1]])
    assert repair(hosted["consumer"], inbox) == 0
    with hosted["consumer"].database.begin() as connection:
        connection.exec_driver_sql("update inbox_waiting set since = now() - interval '61 s', asked_at = now()")
    assert repair(hosted["consumer"], inbox) == 0
    with hosted["consumer"].database.begin() as connection:
        connection.exec_driver_sql("update inbox_waiting set asked_at = now() - interval '61 s'")
    assert repair(hosted["consumer"], inbox) == 2


def test_a_hole_of_more_than_a_page_is_filled(hosted: dict[str, Runtime]) -> None:
    subject, inbox = uuid.uuid4(), Inbox(hosted["consumer"])
    said = say(hosted["pairing"], subject, 1203)
    inbox.receive([said[-1]])
    assert repair(hosted["consumer"], inbox, AT_ONCE) == 1203
    assert applied(hosted["consumer"], subject) == ids(said)


@pytest.mark.usefixtures("first_epoch")
def test_a_listener_that_was_behind_takes_what_the_backup_holds_from_the_log(hosted: dict[str, Runtime]) -> None:
    subject, inbox = uuid.uuid4(), Inbox(hosted["consumer"])
    said = say(hosted["pairing"], subject, 5)
    inbox.receive(said[:2])
    restored = begin_anew(hosted["pairing"], subject, kept=4)
    news = say(hosted["pairing"], subject, 2)[-2:]
    arriving = [said[4], restored, *news]
    random.Random(3).shuffle(arriving)
    for envelope in arriving:
        inbox.receive([envelope])
    assert applied(hosted["consumer"], subject) == ids([*said[:4], *news])


@pytest.mark.usefixtures("first_epoch")
def test_what_was_applied_and_the_backup_does_not_hold_stays_and_is_put_on_the_list(
    hosted: dict[str, Runtime],
) -> None:
    subject, inbox = uuid.uuid4(), Inbox(hosted["consumer"])
    said = say(hosted["pairing"], subject, 5)
    inbox.receive(said)
    restored = begin_anew(hosted["pairing"], subject, kept=3)
    inbox.receive([restored])
    assert applied(hosted["consumer"], subject) == ids(said)
    with hosted["consumer"].database.begin() as connection:
        query = sa.text("select kept_sequence, applied_sequence from inbox_diverged where subject = :s")
        assert [tuple(row) for row in connection.execute(query, {"s": str(subject)})] == [(3, 5)]


@pytest.mark.usefixtures("first_epoch")
def test_while_a_restored_source_is_away_its_new_epoch_waits(hosted: dict[str, Runtime], alone: Runtime) -> None:
    subject = uuid.uuid4()
    said = say(hosted["pairing"], subject, 2)
    restored = begin_anew(hosted["pairing"], subject, kept=2)
    Inbox(alone).receive([restored])
    assert applied(alone, subject) == []
    with alone.database.begin() as connection:
        connection.exec_driver_sql("update inbox_waiting set due_at = now()")
    Inbox(hosted["consumer"]).tick()
    assert applied(alone, subject) == ids(said)


def test_every_source_can_say_that_it_was_restored() -> None:
    assert stream_restored("pairing") is PairingStreamRestored


def test_nothing_is_said_in_tables_that_are_not_those_of_the_epoch(
    installation: object, hosted: dict[str, Runtime]
) -> None:
    database: Database = hosted["pairing"].database
    with database.begin() as connection:
        assert not fingerprint.restored(connection)
        connection.exec_driver_sql("update epoch set stream_oid = 1")
    try:
        with database.begin() as connection, pytest.raises(DatabaseRestored, match="kith ops restored pairing"):
            fingerprint.check(connection, "pairing")
        with pytest.raises(DatabaseRestored):
            say(hosted["pairing"], uuid.uuid4(), 1)
    finally:
        with database.begin() as connection:
            fingerprint.stamp(connection)
