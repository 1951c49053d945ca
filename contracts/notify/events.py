"""What the notify service says has happened."""

from datetime import date
from uuid import UUID

from contracts.area import AreaCode
from contracts.codes import MessageState
from contracts.log import StreamRestored
from contracts.messages import Code, Event, event


@event("notify.message_settled.v1", subject="message_id", public=True)
class MessageSettled(Event):
    """A message reached its final state."""

    message_id: UUID
    rule: Code
    area_code: AreaCode
    channel: Code
    state: MessageState
    settled_on: date


@event("notify.stream_restored.v1", subject="stream")
class NotifyStreamRestored(StreamRestored):
    """The database of notify was restored; this stream begins anew."""
