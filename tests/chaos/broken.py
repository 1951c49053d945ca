"""The control arms: each a version of Kith that is broken in one way, which the checker must catch.

They are put in place of the real thing in the processes of one run, and nowhere else.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from chassis import outbox
from chassis.inbox_streams import Position, Stream, position
from contracts.envelope import Envelope

READING_SECONDS = 0.15
AFTER = sa.text(
    "select id, type, body, traceparent, created_at from outbox where id > :last order by id limit :limit"
)
LAST_SENT = sa.text("""
    select coalesce(max(id), 0) from outbox where not exists (select from outbox_unsent u where u.id = outbox.id)
""")


def cursor_relay() -> None:
    """The relay remembers the last id and asks for what is greater: ids are given out before they are committed."""
    last: dict[Any, int] = {}

    def greater_than_the_last(connection: sa.Connection, limit: int, besides: object = ()) -> list[outbox.Unsent]:
        key = connection.engine.url.database
        if key not in last:
            last[key] = int(connection.scalar(LAST_SENT) or 0)
        rows = [outbox.Unsent(*row) for row in connection.execute(AFTER, {"last": last[key], "limit": limit})]
        last[key] = rows[-1].id if rows else last[key]
        return rows

    outbox.unsent = greater_than_the_last


def no_resequencing() -> None:
    """The inbox applies what comes as it comes, and its cursor is the greatest sequence it has seen."""
    Stream.next = _first_come  # type: ignore[method-assign]
    Stream.advance = _to_the_greatest  # type: ignore[method-assign]


def no_duplicate_check() -> None:
    """The inbox applies again what lies behind its cursor."""

    def take(stream: Stream, envelope: Envelope) -> bool:
        stream.pending[position(envelope)] = envelope
        return True

    def behind_or_next(stream: Stream) -> Envelope | None:
        behind = [place for place in stream.pending if place <= stream.at]
        following = Position(stream.at.epoch, stream.at.sequence + 1)
        return stream.pending[min(behind)] if behind else stream.pending.get(following)

    Stream.take = take  # type: ignore[method-assign]
    Stream.next = behind_or_next  # type: ignore[method-assign]
    Stream.advance = _to_the_greatest  # type: ignore[method-assign]


def _first_come(stream: Stream) -> Envelope | None:
    return next(iter(stream.pending.values()), None)


def _to_the_greatest(stream: Stream, envelope: Envelope) -> None:
    del stream.pending[position(envelope)]
    stream.at = max(stream.at, position(envelope))


def ack_before_commit() -> None:
    """The consumer tells the broker that it is done, and then does it."""
    from chassis.hosts.nameko import InboxConsumer

    apply = InboxConsumer._apply

    def acknowledge_and_apply(consumer: Any, inbox: Any, channel: Any, held: list[Any]) -> None:
        for message in held:
            message.ack()
        apply(consumer, inbox, channel, held)

    InboxConsumer._apply = acknowledge_and_apply


def no_entity_lock() -> None:
    """Measure makes sure that an entity's row is there, and locks nothing; a slow server is between reading and writing."""
    from gateway.measure.store import entities as store
    from gateway.measure.store.columns import columns

    def only_insert(connection: sa.Connection, areas: Mapping[str, str], **_: object) -> None:
        connection.execute(store.INSERT_ENTITIES, columns(sorted(areas.items()), "entities", "areas"))

    read = store.facts_about

    def slowly(*arguments: Any, **more: Any) -> Any:
        found = read(*arguments, **more)
        time.sleep(READING_SECONDS)
        return found

    store.lock_entities, store.facts_about = only_insert, slowly


ARMS: dict[str, Callable[[], None]] = {
    arm.__name__: arm
    for arm in (cursor_relay, no_resequencing, ack_before_commit, no_duplicate_check, no_entity_lock)
}
CAUGHT_BY = {
    "cursor_relay": "lost",
    "no_resequencing": "out_of_order",
    "ack_before_commit": "lost",
    "no_duplicate_check": "twice",
    "no_entity_lock": "projection_mismatches",
}
"""The damage that each must show."""
