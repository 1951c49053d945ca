"""What notify answers: your notices, and what became of messages; newest first."""

from uuid import UUID

from chassis.database import Work
from contracts.area import AreaScope
from contracts.messages import Page
from contracts.notify import ListMessages, ListNotices, MessagePage, NoticePage, NoticeView
from contracts.refusals import BODY_INVALID, OUT_OF_AREA, Refused
from services.notify import store
from services.notify.catalogue import BY_CODE
from services.notify.model import Notice

LARGEST_PAGE = 500


def list_notices(work: Work, query: ListNotices) -> NoticePage:
    """Notices to you in person, or to an office that you hold in your area."""
    before, limit = _window(query)
    found = store.notices(work, work.actor, before, limit + 1, within=_asked_area(work, query))
    items = tuple(_notice(one) for one in found[:limit])
    return NoticePage(items=items, next_cursor=str(items[-1].notice_id) if len(found) > limit else None)


def _notice(notice: Notice) -> NoticeView:
    text = BY_CODE[notice.rule].text
    return NoticeView(**vars(notice), text_en=text.en, text_zh=text.zh)


def list_messages(work: Work, query: ListMessages) -> MessagePage:
    """What was sent, withheld or failed in an area."""
    before, limit = _window(query)
    found = store.messages(work, query.state, before, limit + 1, within=_asked_area(work, query))
    items = tuple(found[:limit])
    return MessagePage(items=items, next_cursor=str(items[-1].message_id) if len(found) > limit else None)


def _asked_area(work: Work, query: Page) -> AreaScope:
    """The area asked for, which lies in the asker's own; without one, their own."""
    if query.area_code is None:
        return work.scope
    if not work.scope.covers(query.area_code):
        raise Refused(OUT_OF_AREA.at("/area_code"))
    return AreaScope(query.area_code)


def _window(query: Page) -> tuple[UUID | None, int]:
    """(the id before which the page begins, how many)."""
    if not 1 <= query.limit <= LARGEST_PAGE:
        raise Refused(BODY_INVALID.at("/limit"))
    try:
        return UUID(query.cursor) if query.cursor else None, query.limit
    except ValueError:
        raise Refused(BODY_INVALID.at("/cursor")) from None
