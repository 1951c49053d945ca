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
    _noting_difference(work, envelope, here)
    for missed in missing(work, envelope, here):
        if missed.type in RESTORED_TYPES:
            _noting_difference(work, missed, here)
        react(work, missed)


def missing(work: Work, envelope: Envelope, here: Position) -> Iterator[Envelope]:
    """What the restored source's log holds of the stream up to its new beginning, and we have not applied."""
    kept = _kept(envelope)
    if here < kept:
        for page in pages(work.runtime, envelope.service, envelope.subject, here):
            yield from (missed for missed in page if position(missed) <= kept)


def _kept(envelope: Envelope) -> Position:
    event = stream_restored(envelope.service).model_validate(envelope.data)
    return Position(event.kept_epoch, event.kept_sequence)


def _noting_difference(work: Work, envelope: Envelope, here: Position) -> None:
    """Put on record that we have applied more than the source kept, if so."""
    kept = _kept(envelope)
    if here.sequence and here > kept:
        _note_difference(work.connection, envelope, here, kept)
        logger().warning("restored_source_knows_less", consumer=work.runtime.name, source=envelope.service,
                         subject=envelope.subject, applied=here, kept=kept)  # fmt: skip


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
