"""Pages of lists: how many, and where the last one ended."""

from uuid import UUID

from chassis.database import Work
from contracts.area import AreaScope
from contracts.messages import Page
from contracts.refusals import BODY_INVALID, Refused

MOST = 500


def limit_of(page: Page) -> int:
    """How many the asker may have at once."""
    return min(max(page.limit, 1), MOST)


def range_of(work: Work, page: Page) -> AreaScope:
    """The area that the list is about: the one asked for, which lies in the actor's own."""
    return AreaScope(page.area_code) if page.area_code and work.scope.covers(page.area_code) else work.scope


def cursor_after(number: str, id_: UUID) -> str:
    """Where a page ended."""
    return f"{number}:{id_}"


def read_cursor(cursor: str | None) -> tuple[str, UUID] | None:
    """Where to go on; Refused if it is no cursor of ours."""
    if cursor is None:
        return None
    number, _, id_ = cursor.rpartition(":")
    try:
        return number, UUID(id_)
    except ValueError as error:
        raise Refused(BODY_INVALID.at("/cursor")) from error
