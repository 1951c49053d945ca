"""What the notify service can be told to do."""

from uuid import UUID

from contracts.actor import EVERYBODY
from contracts.messages import Command, Done, Route, command


@command(
    "notify.mark_notice_read",
    resource="notice",
    action="read",
    route=Route("POST", "/v1/notices/{notice_id}/read", 200),
    answer=Done,
    roles=EVERYBODY,
)
class MarkNoticeRead(Command):
    """The reader has seen it."""

    notice_id: UUID
