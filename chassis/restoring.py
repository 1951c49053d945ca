"""What a listener does when a source came back from a backup and its streams begin anew."""

from collections.abc import Callable, Iterator

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.decoding import decode
from chassis.inbox_streams import Position, position
from chassis.logging import logger
from chassis.schema import inbox_diverged
from chassis.surroundings import Surroundings
from chassis.work import Work
from contracts.catalogue import EVENTS, QUERIES, SOURCES
from contracts.envelope import Envelope
from contracts.log import STREAM_LIMIT, ReadStream, StreamPage, StreamRestored

React = Callable[[Work, Envelope], None]


def stream_restored(source: str) -> type[StreamRestored]:
    """The event by which this source says that a stream begins anew."""
    return EVENTS[f"{source}.stream_restored.v1"]  # type: ignore[return-value,unused-ignore]


RESTORED_TYPES = frozenset(stream_restored(source).type for source in SOURCES)


def follow(work: Work, envelope: Envelope, here: Position, react: React) -> None:
    """Take the restored source's word for its past; `here` is the last place of the stream that was applied.

    What its backup holds and we have not applied is taken from its log. What we have applied and it no longer holds
    stays, for people have acted on it, and is put on the list of differences for an operator. The log may hold an
    earlier restart too: what came before that one stands before it in the log, so only differences are noted for it.
    """
    kept = _noting_difference(work, envelope, here)
    if here < kept:
        for page in pages(work.runtime, envelope.service, envelope.subject, here):
            for missed in page:
                if position(missed) <= kept:
                    if missed.type in RESTORED_TYPES:
                        _noting_difference(work, missed, here)
                    react(work, missed)


def _noting_difference(work: Work, envelope: Envelope, here: Position) -> Position:
    """The last place that the source kept; on record if we have applied more."""
    event = stream_restored(envelope.service).model_validate(envelope.data)
    kept = Position(event.kept_epoch, event.kept_sequence)
    if here.sequence and here > kept:
        _note_difference(work.connection, envelope, here, kept)
        logger().warning("restored_source_knows_less", consumer=work.runtime.name, source=envelope.service,
                         subject=envelope.subject, applied=here, kept=kept)  # fmt: skip
    return kept


def pages(runtime: Surroundings, source: str, subject: str, after: Position) -> Iterator[list[Envelope]]:
    """What the source's log holds of a subject after a place, page by page; PeerAway if it does not answer."""
    while True:
        page = _ask(runtime, source, subject, after)
        if page:
            yield page
            after = position(page[-1])
        if len(page) < STREAM_LIMIT:
            return


def _ask(runtime: Surroundings, source: str, subject: str, after: Position) -> list[Envelope]:
    query = QUERIES[f"{source}.read_stream"]
    if not issubclass(query, ReadStream):
        raise TypeError(query)
    asked = query(stream=subject, after_epoch=after.epoch, after_sequence=after.sequence)
    page = runtime.peers.ask(asked, runtime.system, None)
    if not isinstance(page, StreamPage):
        raise TypeError(page)
    return [decode(body) for body in page.events]


def _note_difference(connection: sa.Connection, envelope: Envelope, here: Position, kept: Position) -> None:
    connection.execute(
        insert(inbox_diverged)
        .values(
            source=envelope.source,
            subject=envelope.subject,
            kept_epoch=kept.epoch,
            kept_sequence=kept.sequence,
            applied_epoch=here.epoch,
            applied_sequence=here.sequence,
        )
        .on_conflict_do_nothing()
    )
