"""Lists, the same everywhere: which area a page is about, and where it begins. How many is held by the contract."""

from uuid import UUID

from chassis.wording import refused, wrong
from chassis.work import Work
from contracts.area import AreaScope
from contracts.messages import Page
from contracts.refusals import OUT_OF_AREA, Refused


def asked_area(work: Work, page: Page) -> AreaScope:
    """The area asked for, which lies in the asker's own; without one, their own. Refused if it lies elsewhere."""
    if page.area_code is None:
        return work.scope
    if not work.scope.covers(page.area_code):
        raise Refused(OUT_OF_AREA.at("/area_code"))
    return AreaScope(page.area_code)


def id_cursor(page: Page) -> UUID | None:
    """The id at which the last page ended; Refused if it is no cursor of ours."""
    try:
        return UUID(page.cursor) if page.cursor else None
    except ValueError:
        raise Refused(refused([wrong("/cursor", "cursor")])) from None
