"""The inbox against a real PostgreSQL: once, in order per subject, whatever comes in whatever order."""

import random
import uuid
from collections.abc import Iterator
from datetime import date

import pytest
import sqlalchemy as sa

from chassis import outbox
from chassis.decoding import Undecodable, decode
from chassis.inbox import Inbox
from chassis.runtime import Runtime
from chassis.service import NotYet, Service, on
from chassis.work import Work, transact
from contracts.codes import LeaveReason
from contracts.envelope import Envelope
from contracts.pairing import HelperLeft
from tests.support.hosting import prepare_bare, runtimes, settings_for
from tests.support.waiting import eventually

SEEN = sa.text("insert into seen (subject, type) values (:subject, :type)")


class Reactions:
    """What the consumer under test does, and how it is made to fail."""

    def __init__(self) -> None:
        self.fails: set[str] = set()
        self.lacks: dict[str, str] = {}

        @on(HelperLeft)
        def note(work: Work, event: HelperLeft) -> None:
            work.connection.execute(SEEN, {"subject": event.subject, "type": event.reason})
            if event.subject in self.fails:
                raise ValueError("told to fail")
            if event.subject in self.lacks:
                raise NotYet(self.lacks[event.subject])

        self.service = Service(name="consumer", reactions=(note,))


@pytest.fixture(scope="module")
def installation(database_server: str, namespace: str) -> object:
    settings = settings_for(database_server, f"{namespace}inbox")
    for name in ("pairing", "consumer"):
        prepare_bare(settings, name)
    return settings


@pytest.fixture
def reactions() -> Reactions:
    return Reactions()


@pytest.fixture
def hosted(installation: object, reactions: Reactions) -> Iterator[dict[str, Runtime]]:
    with runtimes(installation, [Service(name="pairing"), reactions.service]) as found:  # type: ignore[arg-type]
        yield found
        for name in ("consumer", "pairing"):
            with found[name].database.engine.begin() as connection:
                for table in ("seen", "inbox_waiting"):
                    connection.exec_driver_sql(f"delete from {table}")


def leaving(subject: uuid.UUID, reason: LeaveReason = LeaveReason.MOVED) -> HelperLeft:
    return HelperLeft(helper_id=subject, area_code="990101101", left_on=date(2026, 4, 1), reason=reason)


def say(runtime: Runtime, subjects: list[uuid.UUID], times: int) -> list[Envelope]:
    """Record events at the source and take them from its outbox."""

    def do(work: Work) -> None:
        for _ in range(times):
            work.record(*[leaving(subject) for subject in subjects])

    transact(runtime, runtime.system, do)
    with runtime.database.begin() as connection:
        rows = outbox.unsent(connection, 10_000)
        outbox.mark_sent(connection, rows)
    return [decode(row.body) for row in rows]


def count(runtime: Runtime, subject: object = None) -> int:
    with runtime.database.begin() as connection:
        where = "" if subject is None else f" where subject = '{subject}'"
        return int(connection.scalar(sa.text(f"select count(*) from seen{where}")) or 0)


def states(runtime: Runtime) -> dict[str, int]:
    from chassis import inbox_store

    with runtime.database.begin() as connection:
        return inbox_store.counts(connection)


def test_shuffled_and_doubled_events_are_applied_once_and_in_order(hosted: dict[str, Runtime]) -> None:
    subjects = [uuid.uuid4() for _ in range(20)]
    envelopes = say(hosted["pairing"], subjects, 10)
    shuffled = envelopes + envelopes[::3]
    random.Random(7).shuffle(shuffled)
    inbox = Inbox(hosted["consumer"])
    applied = sum(inbox.receive(shuffled[start : start + 13]) for start in range(0, len(shuffled), 13))
    assert applied == len(envelopes) == count(hosted["consumer"])
    assert states(hosted["consumer"]) == {}


def test_sequences_have_no_holes_and_follow_the_order_of_recording(hosted: dict[str, Runtime]) -> None:
    subjects = [uuid.uuid4() for _ in range(3)]
    envelopes = say(hosted["pairing"], subjects, 4)
    for subject in subjects:
        assert [e.sequence for e in envelopes if e.subject == str(subject)] == [1, 2, 3, 4]


def test_a_failing_reaction_holds_only_its_own_subject(hosted: dict[str, Runtime], reactions: Reactions) -> None:
    good, poison = uuid.uuid4(), uuid.uuid4()
    reactions.fails.add(str(poison))
    inbox = Inbox(hosted["consumer"])
    inbox.receive(say(hosted["pairing"], [good, poison], 3))
    assert count(hosted["consumer"], good) == 3
    assert count(hosted["consumer"], poison) == 0
    assert states(hosted["consumer"]) == {"retry": 1, "ahead": 2}
    reactions.fails.clear()
    eventually(lambda: inbox.tick() == 0 and count(hosted["consumer"], poison) == 3, within=10, what="the retry")
    assert states(hosted["consumer"]) == {}


def test_a_reaction_that_lacks_a_fact_runs_when_that_subject_advances(
    hosted: dict[str, Runtime], reactions: Reactions
) -> None:
    waits, missing = uuid.uuid4(), uuid.uuid4()
    reactions.lacks[str(waits)] = str(missing)
    inbox = Inbox(hosted["consumer"])
    inbox.receive(say(hosted["pairing"], [waits], 2))
    assert states(hosted["consumer"]) == {"not_yet": 1, "ahead": 1}
    assert inbox.tick() == 0
    reactions.lacks.clear()
    assert inbox.receive(say(hosted["pairing"], [missing], 1)) == 3
    assert states(hosted["consumer"]) == {}


def test_a_hole_is_waited_for(hosted: dict[str, Runtime]) -> None:
    subject = uuid.uuid4()
    first, second, third = say(hosted["pairing"], [subject], 3)
    inbox = Inbox(hosted["consumer"])
    assert inbox.receive([third, second]) == 0
    assert states(hosted["consumer"]) == {"ahead": 2}
    assert inbox.receive([first]) == 3


def test_a_restored_source_begins_anew_and_its_old_epoch_is_ignored(hosted: dict[str, Runtime]) -> None:
    subject = uuid.uuid4()
    old = say(hosted["pairing"], [subject], 3)
    inbox = Inbox(hosted["consumer"])
    inbox.receive(old[:2])
    new = [envelope.model_copy(update={"epoch": 2, "sequence": number}) for number, envelope in enumerate(old, 1)]
    assert inbox.receive([new[0], old[2], new[1]]) == 2
    assert inbox.receive([new[2]]) == 1


def test_an_event_parked_after_all_retries_keeps_the_rest_of_its_subject_waiting(
    hosted: dict[str, Runtime], reactions: Reactions
) -> None:
    subject = uuid.uuid4()
    reactions.fails.add(str(subject))
    inbox = Inbox(hosted["consumer"])
    inbox.receive(say(hosted["pairing"], [subject], 2))
    for _ in range(6):
        with hosted["consumer"].database.begin() as connection:
            connection.execute(
                sa.text("update inbox_waiting set due_at = now() - interval '1 s' where state = 'retry'")
            )
        inbox.tick()
    assert states(hosted["consumer"]) == {"parked": 1, "ahead": 1}
    assert inbox.tick() == 0


def test_what_is_no_event_is_undecodable() -> None:
    for wrong in (b"", b"{}", b"not json", b'{"specversion": "9"}'):
        with pytest.raises(Undecodable):
            decode(wrong)


class NaiveConsumer:
    """The control arm: applies what comes as it comes, as a plain event handler does."""

    def __init__(self) -> None:
        self.applied: list[tuple[str, int]] = []

    def receive(self, batch: list[Envelope]) -> None:
        self.applied += [(envelope.subject, envelope.sequence) for envelope in batch]

    def faults(self) -> tuple[int, int]:
        """(applied twice, out of order)."""
        twice = len(self.applied) - len(set(self.applied))
        last: dict[str, int] = {}
        disorder = 0
        for subject, sequence in self.applied:
            disorder += sequence < last.get(subject, 0)
            last[subject] = sequence
        return twice, disorder


def test_control_a_consumer_without_cursor_and_waiting_room_applies_twice_and_out_of_order(
    hosted: dict[str, Runtime],
) -> None:
    envelopes = say(hosted["pairing"], [uuid.uuid4() for _ in range(5)], 10)
    shuffled = envelopes + envelopes[::3]
    random.Random(7).shuffle(shuffled)
    naive = NaiveConsumer()
    naive.receive(shuffled)
    twice, disorder = naive.faults()
    assert twice > 0
    assert disorder > 0
