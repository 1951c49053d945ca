"""Whatever is delivered in whatever order, fails, waits, is parked or cut off: the inbox ends as if all came in order.

Hypothesis draws the histories. After every step the consumer's database is compared with a model of what may stand
there, and in the end with delivery in order. Each broken inbox below must be found by the same machine. Run more with
`KITH_EXAMPLES=2000 pytest tests/integration/chassis/test_inbox_machine.py`.
"""

import os
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import timedelta
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from chassis import inbox as inbox_module
from chassis import inbox_store, repairing
from chassis.inbox import Inbox
from chassis.inbox_streams import Position, Stream, position
from chassis.work import Work
from contracts.envelope import Envelope
from tests.support.hosting import settings_for
from tests.support.inbox_model import FOREVER, History, Name, Observed, Trouble, unlike_in_order, unsettled, wrongs
from tests.support.inbox_place import Consumers, PowerCut, Script, envelope_of

EXAMPLES = int(os.environ.get("KITH_EXAMPLES", "40"))
STREAMS = [
    Name(service, f"00000000-0000-0000-0000-0000000000{subject}")
    for service, subject in (("pairing", "a1"), ("pairing", "a2"), ("pairing", "a3"), ("households", "a1"))
]
STEPS = ("before", "middle", "after", "last")
WAITS = (timedelta(hours=1), timedelta(hours=1))
"""Nothing becomes due by itself within a test; the machine says when time has passed."""

PARKED = len(WAITS) + 1
DUE = "update inbox_waiting set due_at = now() - interval '1 second' where due_at is not null"
RETRY = "update inbox_waiting set state = 'retry', attempts = 0, due_at = now() where state = 'parked'"

numbers = st.integers(0, 10_000)
troubles = st.one_of(
    st.just(("none", 0, "before")),
    st.tuples(st.just("fails"), st.integers(1, 5), st.sampled_from(STEPS)),
    st.tuples(st.just("fails"), st.just(FOREVER), st.sampled_from(STEPS)),
    st.tuples(st.just("lacks"), numbers, st.just("before")),
)
cuts = st.one_of(st.none(), st.integers(1, 40))


class WrongInbox(AssertionError):
    """The inbox did what no correct inbox does."""


class InboxMachine(RuleBasedStateMachine):
    """What sources, broker, operators, time and power cuts may do to one consumer."""

    place: ClassVar[Consumers]
    script: ClassVar[Script]
    make: ClassVar[Callable[..., Inbox]] = Inbox
    acknowledges_first: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self.script.begin()
        self.place.clear()
        self.history: History = self.script.history
        self.travelling: list[int] = []
        """Numbers of the events that are not acknowledged yet; the broker brings them again and again."""

        self.acknowledged: set[int] = set()
        self.epochs: dict[str, int] = {}
        self.observed = Observed()
        self.inbox = self._new()

    def _new(self) -> Inbox:
        return type(self).make(self.place.runtime)

    # --- the sources

    @rule(stream=st.sampled_from(STREAMS), said=st.lists(troubles, min_size=1, max_size=4))
    def say(self, stream: Name, said: list[tuple[str, int, str]]) -> None:
        for kind, number, step in said:
            self.travelling.append(self.history.say(stream, self._trouble(stream, kind, number, step)).number)

    def _trouble(self, stream: Name, kind: str, number: int, step: str) -> Trouble:
        others = [i.number for i in self.history.items if i.stream != stream and i.kept is None]
        if kind == "lacks" and others:
            return Trouble(lacks=others[number % len(others)])
        return Trouble(number, step) if kind == "fails" else Trouble()

    @precondition(lambda self: self.history.items and max(self.epochs.values(), default=1) < 3)
    @rule(service=st.sampled_from(["pairing", "pairing", "households"]), since=numbers)
    def come_back_from_a_backup(self, service: str, since: int) -> None:
        backup = since % (len(self.history.items) + 1)
        self.epochs[service] = self.epochs.get(service, 1) + 1
        for stream in [name for name in self.history.logs if name.service == service]:
            kept = sum(item.number <= backup for item in self.history.logs[stream])
            self.travelling.append(self.history.restore(stream, self.epochs[service], kept).number)

    # --- the broker

    @precondition(lambda self: self.history.items)
    @rule(
        picks=st.lists(numbers, min_size=1, max_size=15), cut=cuts, acknowledged=st.booleans(), away=st.booleans()
    )
    def deliver(self, picks: list[int], cut: int | None, acknowledged: bool, away: bool) -> None:
        pool = self.travelling * 2 + [item.number for item in self.history.items]
        batch = [pool[pick % len(pool)] for pick in picks]
        self.script.sources_away = away
        self._receive(batch, cut, acknowledged)
        self.script.sources_away = False

    def _receive(self, batch: list[int], cut: int | None = None, acknowledged: bool = True) -> None:
        if self.acknowledges_first:
            self._acknowledge(batch)
        envelopes = [envelope_of(self.history.of(number)) for number in batch]
        if self._run(lambda: self.inbox.receive(envelopes), cut) and acknowledged:
            self._acknowledge(batch)

    def _acknowledge(self, batch: list[int]) -> None:
        self.acknowledged |= set(batch)
        self.travelling = [number for number in self.travelling if number not in self.acknowledged]

    def _run(self, do: Callable[[], object], cut: int | None = None) -> bool:
        """Whether it came to its end; after a power cut a new process begins."""
        try:
            with self.place.power_cut(cut):
                do()
        except PowerCut:
            self.inbox = self._new()
            return False
        except Exception as error:
            raise WrongInbox(f"it raised {error!r}, which stops its queue") from error
        return True

    @precondition(lambda self: self.travelling)
    @rule(order=numbers)
    def deliver_what_travels(self, order: int) -> None:
        self._deliver_all(order)

    # --- time, operators

    @precondition(lambda self: self.observed.waiting)
    @rule(due=st.booleans(), cut=cuts)
    def tick(self, due: bool, cut: int | None) -> None:
        if due:
            self.place.change(DUE)
        self._run(self.inbox.tick, cut)

    @precondition(lambda self: self.observed.waiting)
    @rule(cut=cuts)
    def repair(self, cut: int | None) -> None:
        self._run(lambda: repairing.repair(self.place.runtime, self.inbox, timedelta(0)), cut)

    @precondition(lambda self: self.observed.waiting)
    @rule()
    def retry_what_is_parked(self) -> None:
        self.place.change(RETRY)

    @precondition(lambda self: self.observed.waiting)
    @rule()
    def correct_the_code(self) -> None:
        for number, trouble in self.history.troubles.items():
            self.history.troubles[number] = Trouble(lacks=trouble.lacks)

    # --- what must hold

    @invariant()
    def nothing_is_wrong(self) -> None:
        self.observed = self.place.observe()
        self._check(wrongs(self.history, self.observed, self.acknowledged))

    def _check(self, found: list[str]) -> None:
        if found:
            raise WrongInbox("; ".join(found))

    def teardown(self) -> None:
        if self.history.items:
            self._settle()
            self._check(unsettled(self.history, self.place.observe()))
            self.correct_the_code()
            self._settle()
            self._check(unlike_in_order(self.history, self.place.observe()))
        self.nothing_is_wrong()

    def _settle(self) -> None:
        """Deliver what still travels; then let time pass, and operators try again, until nothing moves."""
        self._deliver_all(len(self.history.items))
        before: object = None
        while (now := (self.place.observe(), self.script.failures_left())) != before:
            before = now
            self._check(wrongs(self.history, now[0], self.acknowledged))
            self.place.change(RETRY)
            for _ in range(PARKED if now[0].waiting else 0):
                self.place.change(DUE)
                self._run(self.inbox.tick)

    def _deliver_all(self, order: int) -> None:
        rest = list(self.travelling)
        random.Random(order).shuffle(rest)
        for start in range(0, len(rest), 10):
            self._receive(rest[start : start + 10])


@pytest.fixture(scope="module")
def place(database_server: str, namespace: str) -> Iterator[Consumers]:
    InboxMachine.script = Script()
    InboxMachine.place = Consumers(settings_for(database_server, f"{namespace}machine"), InboxMachine.script)
    yield InboxMachine.place
    InboxMachine.place.close()


@pytest.fixture(autouse=True)
def long_waits(place: Consumers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_module, "RETRY_AFTER", WAITS)
    monkeypatch.setattr(inbox_module, "NOT_YET_RECHECK", timedelta(hours=1))


def run(machine: type[InboxMachine], examples: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            derandomize="KITH_EXAMPLES" not in os.environ,
            database=None,
            phases=(Phase.generate, Phase.shrink) if "KITH_SHRINK" in os.environ else (Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.timeout(3600 if "KITH_EXAMPLES" in os.environ else 180)
def test_every_history_ends_as_if_delivered_in_order(place: Consumers) -> None:
    run(InboxMachine, EXAMPLES)


def test_two_processes_and_an_operator_at_once_lose_and_double_nothing(place: Consumers) -> None:
    machine = InboxMachine()
    draw = random.Random(11)
    for _ in range(20):
        failing = Trouble(draw.randint(1, 3), draw.choice(STEPS)) if draw.random() < 0.3 else Trouble()
        for stream in STREAMS:
            machine.travelling.append(machine.history.say(stream, failing).number)
    envelopes = [envelope_of(item) for item in machine.history.items]

    def consume(seed: int) -> None:
        inbox, mine = Inbox(place.runtime), list(envelopes)
        random.Random(seed).shuffle(mine)
        for start in range(0, len(mine), 7):
            inbox.receive(mine[start : start + 7])

    def operate() -> None:
        inbox = Inbox(place.runtime)
        for _ in range(20):
            place.change(DUE, RETRY)
            inbox.tick()

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(consume, 1), pool.submit(consume, 2), pool.submit(operate)]:
            done.result()
    machine.acknowledged = {item.number for item in machine.history.items}
    machine.nothing_is_wrong()
    machine.teardown()


# --- control arms: each broken inbox must be found by the same machine


class AppliesAgain(Stream):
    """No duplicate check: what lies behind the cursor is taken as new."""

    def take(self, envelope: Envelope) -> bool:
        if position(envelope) <= self.at:
            self.at = Position(envelope.epoch, envelope.sequence - 1)
        return super().take(envelope)


class AppliesAsItComes(Stream):
    """No resequencing: a hole is stepped over."""

    def next(self) -> Envelope | None:
        return self.pending[min(self.pending)] if self.pending else None


class BeginsAnywhere(Stream):
    """A later epoch is begun at whatever comes first of it."""

    def next(self) -> Envelope | None:
        later = [place for place in self.pending if place.epoch > self.at.epoch]
        return self.pending[min(later)] if later else super().next()


class PassesOver(Inbox):
    """A reaction that failed counts as done: the cursor advances without the effect."""

    def _react_carefully(self, *arguments: Any) -> bool:
        super()._react_carefully(*arguments)
        return True


class RestoredOften(InboxMachine):
    """Sources come back again and again, and what they say then comes one by one: for the arm that needs it."""

    @precondition(lambda self: self.history.items and max(self.epochs.values(), default=1) < 3)
    @rule(stream=st.sampled_from(STREAMS), since=numbers)
    def come_back_and_go_on(self, stream: Name, since: int) -> None:
        self.come_back_from_a_backup(stream.service, since)
        self.say(stream, [("none", 0, "before")] * 4)

    @precondition(lambda self: self.travelling)
    @rule(pick=numbers)
    def deliver_one(self, pick: int) -> None:
        self._receive([self.travelling[pick % len(self.travelling)]])


def patched(where: object, name: str, what: object) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda monkeypatch: monkeypatch.setattr(where, name, what)


ARMS = {
    "no duplicate check": patched(inbox_module, "Stream", AppliesAgain),
    "no resequencing": patched(inbox_module, "Stream", AppliesAsItComes),
    "a later epoch begun anywhere": patched(inbox_module, "Stream", BeginsAnywhere),
    "a failed event passed over": patched(InboxMachine, "make", PassesOver),
    "acknowledged before commit": patched(InboxMachine, "acknowledges_first", True),
    "no savepoint around a reaction": patched(sa.Connection, "begin_nested", lambda _: nullcontext()),
    "records of a failed reaction left": patched(Work, "undo_to", lambda *_: None),
    "what comes early not kept": patched(inbox_store, "keep_ahead", lambda *_: None),
    "nobody woken": patched(inbox_store, "wake", lambda *_: False),
    "cursor forgotten": patched(inbox_store, "advance", lambda *_: None),
    "past not taken from the log": patched(inbox_module, "follow", lambda *_: None),
}


@pytest.mark.parametrize("arm", ARMS)
def test_control_the_machine_finds_an_inbox_with(
    arm: str, place: Consumers, monkeypatch: pytest.MonkeyPatch
) -> None:
    ARMS[arm](monkeypatch)
    with pytest.raises(WrongInbox):
        run(RestoredOften if "epoch" in arm else InboxMachine, 150)
