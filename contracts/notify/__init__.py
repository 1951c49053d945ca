"""What the notify service says and answers."""

from contracts.notify.commands import (
    MarkNoticeRead,
)
from contracts.notify.events import (
    MessageSettled,
)
from contracts.notify.queries import (
    ListMessages,
    ListNotices,
    MessagePage,
    MessageRow,
    NoticePage,
    NoticeView,
)

__all__ = [
    "COMMANDS",
    "EVENTS",
    "QUERIES",
    "ListMessages",
    "ListNotices",
    "MarkNoticeRead",
    "MessagePage",
    "MessageRow",
    "MessageSettled",
    "NoticePage",
    "NoticeView",
]

EVENTS = (MessageSettled,)
COMMANDS = (MarkNoticeRead,)
QUERIES = (ListNotices, ListMessages)
