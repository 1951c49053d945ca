"""Lists of pairs: an officer's by area, a helper's or a family's own."""

from dataclasses import replace

from chassis.paging import asked_area
from chassis.work import Work
from contracts.actor import OFFICERS, Role
from contracts.area import AreaScope
from contracts.pairing import ListMatches, MatchPage, MatchRow
from services.pairing.queries.paging import cursor_after, read_cursor
from services.pairing.store import matches, ranges
from services.pairing.store.matches import Kept, Wanted

SEE_THEIR_AREA = OFFICERS | {Role.WORKING_GROUP, Role.SYSTEM}


def list_matches(work: Work, query: ListMatches) -> MatchPage:
    """Pairs by household number. A helper or family member sees their own, wherever the other side lives."""
    limit = query.limit
    wanted = Wanted(
        state=query.state,
        household_id=query.household_id,
        helper_id=query.helper_id,
        after=read_cursor(query.cursor),
        limit=limit + 1,
    )
    if work.actor.has(*SEE_THEIR_AREA):
        found = matches.match_page(work, wanted, within=asked_area(work, query))
    else:
        found = _own(work, wanted)
    shown, more = found[:limit], len(found) > limit
    last = cursor_after(shown[-1].household_number, shown[-1].id) if more else None
    return MatchPage(items=tuple(map(_row, shown)), next_cursor=last)


def _own(work: Work, wanted: Wanted) -> tuple[Kept, ...]:
    """What concerns the actor alone; asking for somebody else's finds nothing."""
    me, county = work.actor.subject_id, work.runtime.system.scope
    as_helper = work.actor.has(Role.HELPER)
    asked = wanted.helper_id if as_helper else wanted.household_id
    if me is None or asked not in (None, me):
        return ()
    within = ranges.look_across(work, within=AreaScope(county.code))
    own = replace(wanted, helper_id=me) if as_helper else replace(wanted, household_id=me)
    return matches.match_page(work, own, within=within)


def _row(kept: Kept) -> MatchRow:
    told = kept.match
    return MatchRow(
        match_id=told.id,
        household_id=told.household_id,
        household_number=kept.household_number,
        helper_id=told.helper_id,
        helper_number=kept.helper_number,
        helper_kind=kept.helper_kind,
        area_code=told.area_code,
        state=told.state,
        cost=kept.cost,
        reasons=kept.reasons,
        replaces=told.replaces,
        rhythm=kept.rhythm,
        proposed_on=told.proposed_on,
        started_on=told.started_on,
        ended_on=told.closed_on,
    )
