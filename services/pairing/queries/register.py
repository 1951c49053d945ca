"""The helper register as a list, without names."""

from datetime import date, timedelta

from chassis.paging import asked_area
from chassis.work import Work
from contracts.pairing import HelperPage, HelperRow, ListHelpers
from services.pairing.model import Helper
from services.pairing.rules import clearance_ends_on
from services.pairing.store import matches, ranges, register


def list_helpers(work: Work, query: ListHelpers) -> HelperPage:
    """The helpers of the area by number. What they carry counts everywhere, also beyond the asker's area."""
    limit = query.limit
    found = register.helper_page(work, query.cursor, limit + 1, within=asked_area(work, query))
    shown, more = found[:limit], len(found) > limit
    county = ranges.look_across(work, within=work.runtime.system.scope)
    in_use = matches.carried(work, within=county, helpers=[each.helper.id for each in shown])
    rows = tuple(_row(each.helper, in_use.get(each.helper.id, 0)) for each in shown)
    return HelperPage(items=rows, next_cursor=shown[-1].helper.number if more else None)


def _row(helper: Helper, in_use: int) -> HelperRow:
    return HelperRow(
        helper_id=helper.id,
        number=helper.number,
        kind=helper.kind,
        area_code=helper.village_code,
        capacity=helper.capacity,
        in_use=in_use,
        active=helper.active,
        cleared_until=_last_cleared_day(helper.cleared_on),
    )


def _last_cleared_day(cleared_on: date | None) -> date | None:
    return clearance_ends_on(cleared_on) - timedelta(days=1) if cleared_on else None
