"""What the notify service can be asked."""

from datetime import datetime
from uuid import UUID

from contracts.actor import EVERYBODY, OFFICERS, Role
from contracts.codes import MessageState
from contracts.log import SERVICES_ONLY, ReadStream, StreamPage
from contracts.messages import Code, Page, Route, View, query
from contracts.record import READ_FOR, READERS, ReadRecord, RecordPage


class NoticeView(View):
    """One notice in the app: a code and ids, put into words by language."""

    notice_id: UUID
    rule: Code
    text_en: str
    text_zh: str
    about: UUID | None
    created_at: datetime
    read_at: datetime | None


class NoticePage(View):
    """A page of notices, newest first."""

    items: tuple[NoticeView, ...]
    next_cursor: str | None


@query("notify.list_notices", answer=NoticePage, roles=EVERYBODY, route=Route("GET", "/v1/notices"))
class ListNotices(Page):
    """Notices for you, or for your role in your area."""


class MessageRow(View):
    """One message that was to be sent: never where to, never what it said."""

    message_id: UUID
    rule: Code
    channel: Code
    state: MessageState
    reason: Code | None
    attempts: int
    created_at: datetime


class MessagePage(View):
    """A page of messages, newest first."""

    items: tuple[MessageRow, ...]
    next_cursor: str | None


@query(
    "notify.list_messages",
    answer=MessagePage,
    roles=OFFICERS | {Role.OPERATOR},
    route=Route("GET", "/v1/messages"),
)
class ListMessages(Page):
    """What was sent, withheld or failed, in your own area."""

    state: MessageState | None = None


@query("notify.read_stream", answer=StreamPage, roles=SERVICES_ONLY)
class ReadNotifyStream(ReadStream):
    """A listener lacks events of one of our subjects."""


@query("notify.read_record", answer=RecordPage, roles=READERS, purposes=READ_FOR)
class ReadNotifyRecord(ReadRecord):
    """Who read and changed what about notices and messages."""
