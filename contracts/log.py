"""What every source can be asked about its own log, and what it says after it came back from a backup."""

from typing import Annotated

from pydantic import Field

from contracts.actor import Role
from contracts.messages import Event, Query, View

STREAM_LIMIT = 500
SERVICES_ONLY = frozenset({Role.SYSTEM})
Sequence = Annotated[int, Field(ge=0)]


class ReadStream(Query):
    """Events of one subject after a place in its stream, as they were sent. Each service declares its own."""

    stream: Annotated[str, Field(min_length=1, max_length=64)]
    after_epoch: Sequence
    after_sequence: Sequence
    limit: Annotated[int, Field(ge=1, le=STREAM_LIMIT)] = STREAM_LIMIT


class StreamPage(View):
    """Envelopes as JSON, in order; fewer than asked for: there are no more."""

    events: tuple[str, ...]


class StreamRestored(Event):
    """The source's database was restored: this stream begins anew, after all that the backup holds of it.

    `kept_epoch` and `kept_sequence` name the last event that the backup holds; 0 and 0: it does not know the subject.
    Each service declares its own.
    """

    stream: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]
    kept_epoch: Sequence
    kept_sequence: Sequence
