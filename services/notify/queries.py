"""What notify answers: your notices, and what became of messages; newest first."""

from chassis.paging import asked_area, id_cursor
from chassis.work import Work
from contracts.notify import ListMessages, ListNotices, MessagePage, NoticePage, NoticeView
from services.notify import store
from services.notify.catalogue import BY_CODE
from services.notify.model import Notice


def list_notices(work: Work, query: ListNotices) -> NoticePage:
    """Notices to you in person, or to an office that you hold in your area."""
    before, limit = id_cursor(query), query.limit
    found = store.notices(work, work.actor, before, limit + 1, within=asked_area(work, query))
    items = tuple(_notice(one) for one in found[:limit])
    return NoticePage(items=items, next_cursor=str(items[-1].notice_id) if len(found) > limit else None)


def _notice(notice: Notice) -> NoticeView:
    text = BY_CODE[notice.rule].text
    return NoticeView(**vars(notice), text_en=text.en, text_zh=text.zh)


def list_messages(work: Work, query: ListMessages) -> MessagePage:
    """What was sent, withheld or failed in an area."""
    before, limit = id_cursor(query), query.limit
    found = store.messages(work, query.state, before, limit + 1, within=asked_area(work, query))
    items = tuple(found[:limit])
    return MessagePage(items=items, next_cursor=str(items[-1].message_id) if len(found) > limit else None)
