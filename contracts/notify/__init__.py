"""What the notify service says and answers."""

from contracts.notify.commands import (
    MarkNoticeRead,
)
from contracts.notify.events import (
    MessageSettled,
    NotifyStreamRestored,
)
from contracts.notify.queries import (
    ListMessages,
    ListNotices,
    MessagePage,
    MessageRow,
    NoticePage,
    NoticeView,
    ReadNotifyRecord,
    ReadNotifyStream,
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
    "NotifyStreamRestored",
    "ReadNotifyRecord",
    "ReadNotifyStream",
]

EVENTS = (MessageSettled, NotifyStreamRestored)
COMMANDS = (MarkNoticeRead,)
QUERIES = (ListNotices, ListMessages, ReadNotifyRecord, ReadNotifyStream)
