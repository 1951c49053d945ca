"""A service's own log: every event that it ever said, in the outbox and in its archive, for whoever lacks some."""

from chassis import outbox
from chassis.work import Work
from contracts.log import ReadStream, StreamPage


def read_stream(work: Work, query: ReadStream) -> StreamPage:
    """What follows in one subject's stream, in order."""
    after = (query.after_epoch, query.after_sequence)
    return StreamPage(events=tuple(outbox.stream(work.connection, query.stream, after, query.limit)))
