"""One subject's stream: whatever comes in whatever order, what is its turn comes in order, once, and nothing is dropped."""

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.inbox_store import Waiting
from chassis.inbox_streams import Position, Stream, position
from contracts.envelope import Envelope

START = Position(1, 0)
BATCHES = st.integers(1, 12).flatmap(
    lambda length: st.tuples(
        st.just(length),
        st.permutations(range(1, length + 1)),
        st.lists(st.integers(1, length), max_size=8),
        st.lists(st.integers(1, 5), min_size=1, max_size=6),
    )
)
"""How many events there are, an order of arrival, those that come again, and where batches are cut."""


def said(sequence: int, epoch: int = 1) -> Envelope:
    return Envelope(
        id=uuid.UUID(int=epoch * 1000 + sequence),
        source="/kith/990101/pairing",
        type="pairing.helper_left.v1",
        subject="s",
        time=datetime(2026, 4, 15, tzinfo=UTC),
        epoch=epoch,
        sequence=sequence,
        data={},
    )


def waiting(envelope: Envelope, state: str = "ahead") -> Waiting:
    return Waiting(envelope.source, "s", envelope.epoch, envelope.sequence, "", state, 0, None)


def deliver(
    batches: Sequence[Sequence[Envelope]], make: Callable[..., Stream] = Stream
) -> tuple[list[Position], set[Position]]:
    """Apply batch after batch as the inbox does; (what was applied, what is kept in the end)."""
    at, kept, applied = START, dict[Position, Envelope](), list[Position]()
    for batch in batches:
        stream = make(at, at)
        for envelope in kept.values():
            stream.resume(envelope, waiting(envelope))
        for envelope in batch:
            stream.take(envelope)
        while envelope := stream.next():
            stream.advance(envelope)
            applied.append(position(envelope))
        kept |= {position(envelope): envelope for envelope in stream.ahead()}
        at = stream.at
        kept = {place: envelope for place, envelope in kept.items() if place > at}
    return applied, set(kept)


def cut(envelopes: Sequence[Envelope], sizes: Sequence[int]) -> list[list[Envelope]]:
    found, start = [], 0
    while start < len(envelopes):
        size = sizes[len(found) % len(sizes)]
        found.append(list(envelopes[start : start + size]))
        start += size
    return found


@given(BATCHES)
def test_any_order_any_repetition_and_any_batches_apply_each_once_and_in_order(
    drawn: tuple[int, list[int], list[int], list[int]],
) -> None:
    length, order, again, sizes = drawn
    arrived = [said(number) for number in [*order, *again]]
    assert deliver(cut(arrived, sizes)) == ([Position(1, n) for n in range(1, length + 1)], set())


@given(BATCHES, st.data())
def test_before_a_hole_all_is_applied_and_behind_it_all_is_kept(
    drawn: tuple[int, list[int], list[int], list[int]], data: st.DataObject
) -> None:
    length, order, again, sizes = drawn
    hole = data.draw(st.integers(1, length))
    arrived = [said(number) for number in [*order, *again] if number != hole]
    applied, kept = deliver(cut(arrived, sizes))
    assert applied == [Position(1, n) for n in range(1, hole)]
    assert kept == {Position(1, n) for n in range(hole + 1, length + 1)}


@given(BATCHES, BATCHES)
def test_a_later_epoch_begins_at_its_first_event_and_what_is_left_of_the_one_before_is_passed_over(
    drawn: tuple[int, list[int], list[int], list[int]], after: tuple[int, list[int], list[int], list[int]]
) -> None:
    (_, order, again, sizes), (length, later, later_again, _) = drawn, after
    old, new = [said(n) for n in [*order, *again]], [said(n, 2) for n in [*later, *later_again]]
    mixed = (
        [envelope for pair in zip(old, new, strict=False) for envelope in pair] + old[len(new) :] + new[len(old) :]
    )
    applied, kept = deliver(cut(mixed, sizes))
    before = [place for place in applied if place.epoch == 1]
    assert before == [Position(1, n) for n in range(1, len(before) + 1)]
    assert applied[len(before) :] == [Position(2, n) for n in range(1, length + 1)]
    assert kept == set()


@given(st.permutations(range(2, 8)))
def test_a_later_epoch_without_its_first_event_waits(order: list[int]) -> None:
    applied, kept = deliver([[said(n, 2) for n in order]])
    assert applied == []
    assert kept == {Position(2, n) for n in range(2, 8)}


def test_of_two_later_epochs_the_earlier_begins_first() -> None:
    applied, _ = deliver([[said(1, 3), said(1, 2), said(2, 2)]])
    assert applied == [Position(2, 1), Position(3, 1)], "what is left of epoch 2 is in the log that 3 refers to"


def test_an_event_that_was_tried_and_failed_is_not_kept_a_second_time() -> None:
    stream = Stream(START, START)
    for number in (1, 2, 3):
        assert stream.take(said(number))
    stream.failed = said(1)
    assert [position(envelope).sequence for envelope in stream.ahead()] == [2, 3]
    assert not stream.moved


def test_what_came_from_the_log_is_behind_and_the_new_beginning_still_lies_before() -> None:
    stream = Stream(START, START)
    for envelope in (said(1), said(2), said(4), said(1, 2)):
        assert stream.take(envelope)
    stream.catch_up(said(2))
    assert stream.at == Position(1, 2)
    assert sorted(stream.pending) == [Position(1, 4), Position(2, 1)]
    stream.failed = said(3)
    assert [position(envelope) for envelope in stream.ahead()] == [Position(1, 4), Position(2, 1)]


def test_what_is_known_is_not_taken() -> None:
    stream = Stream(Position(2, 3), Position(2, 3))
    assert not stream.take(said(9)), "an epoch that is over"
    assert not stream.take(said(3, 2)), "applied"
    stream.resume(said(5, 2), waiting(said(5, 2)))
    assert not stream.take(said(5, 2)), "kept"
    assert stream.take(said(4, 2))


class StepsOverHoles(Stream):
    def next(self) -> Envelope | None:
        return self.pending[min(self.pending)] if self.pending else None


class TakesAgain(Stream):
    def take(self, envelope: Envelope) -> bool:
        if position(envelope) <= self.at:
            self.at = Position(envelope.epoch, envelope.sequence - 1)
        return super().take(envelope)


class BeginsAnywhere(Stream):
    def next(self) -> Envelope | None:
        later = [place for place in self.pending if place.epoch > self.at.epoch]
        return self.pending[min(later)] if later else super().next()


@pytest.mark.parametrize(
    ("broken", "arrived"),
    [
        (StepsOverHoles, [[said(2)], [said(1)]]),
        (TakesAgain, [[said(1), said(2)], [said(1)]]),
        (BeginsAnywhere, [[said(2, 2)], [said(1, 2)]]),
    ],
)
def test_control_a_broken_stream_ends_otherwise(broken: type[Stream], arrived: list[list[Envelope]]) -> None:
    assert deliver(arrived, broken) != deliver(arrived)
