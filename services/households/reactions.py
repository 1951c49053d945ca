"""What the households service does when others have done something."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.service import NotYet, on
from chassis.work import Work
from contracts.activities import VisitReported
from contracts.codes import VisitOutcome
from contracts.pairing import MatchActivated, MatchEnded
from services.households import store


@on(MatchActivated)
def note_helper(work: Work, event: MatchActivated) -> None:
    """The file shows who stands by the household."""
    household = _household(work, event.household_id)
    store.add_pair(work, event.match_id, event.helper_id, household, event.started_on, within=work.scope)
    _note(work, household, "helper-assigned", **_helper(work, household))


@on(MatchEnded)
def note_helper_gone(work: Work, event: MatchEnded) -> None:
    """The file no longer shows a helper whose pair is over; a proposal that came to nothing was never in it."""
    if not event.was_active:
        return
    household = _household(work, event.household_id)
    store.end_pair(work, event.match_id, event.ended_on, within=work.scope)
    _note(work, household, "helper-left", **_helper(work, household))


@on(VisitReported)
def note_visit(work: Work, event: VisitReported) -> None:
    """The file shows when somebody was last with the family; nobody at home is noted but is no visit."""
    household = _household(work, event.household_id)
    if event.outcome is VisitOutcome.NOT_HOME:
        store.add_history(work, [(household.id, household.area_code, "nobody-home")], within=work.scope)
        return
    last = max(event.visited_on, household.last_visited_on or event.visited_on)
    _note(work, household, "visited", last_visited_on=last)


def _household(work: Work, household_id: UUID) -> sa.Row[Any]:
    found = store.find_household(work, household_id, within=work.scope, hold=True)
    if found is None:
        raise NotYet(household_id)
    return found


def _helper(work: Work, household: sa.Row[Any]) -> dict[str, UUID | None]:
    """The newest pair that is not over, whatever order the news came in."""
    newest = next(iter(store.standing_pairs(work, household.id, within=work.scope)), None)
    return {
        "helper_id": newest.helper_id if newest else None,
        "match_id": newest.match_id if newest else None,
    }


def _note(work: Work, household: sa.Row[Any], what: str, **changes: object) -> None:
    row = {"id": household.id, "version": household.version, **changes}
    store.change_households(work, [row], within=work.scope)
    store.add_history(work, [(household.id, household.area_code, what)], within=work.scope)
