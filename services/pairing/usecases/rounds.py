"""Match rounds: everybody in an area who consents and has nobody yet, solved at once and exactly."""

from uuid import UUID

from chassis.database import ConcurrentChange
from chassis.ids import new_id
from chassis.work import Work
from contracts.area import AreaScope
from contracts.codes import JobState
from contracts.messages import Created
from contracts.pairing import OpenMatchRound
from contracts.refusals import OUT_OF_AREA, Refusal
from services.pairing import engine
from services.pairing.queries.situation import situation_of
from services.pairing.store import care, ranges, rounds
from services.pairing.store.ranges import Row
from services.pairing.usecases.proposing import close_round

SOLVE_JOB = "solve_round"
KIND = "round"


def open_match_round(work: Work, command: OpenMatchRound) -> Created | Refusal:
    """Ask for proposals for an area; they are computed in the background."""
    if not work.scope.covers(command.area_code):
        return OUT_OF_AREA.at("/area_code")
    round_id = new_id()
    rounds.add_round(work, round_id, KIND, work.today, within=AreaScope(command.area_code))
    work.enqueue(SOLVE_JOB, round_id=str(round_id))
    return Created(id=round_id)


def note_round(work: Work, round_id: UUID, state: JobState) -> None:
    """The round runs, or has failed for good."""
    within = work.scope
    opened = rounds.find_round(work, round_id, within=within)
    if opened is not None and opened.state in (JobState.QUEUED, JobState.RUNNING):
        rounds.change_round(work, opened, within=within, state=state)


def solve_round(work: Work, round_id: UUID) -> None:
    """Propose the exact optimum for whoever still consents and has nobody now, with the helpers that there are now.

    Computed without holding anybody up. If something changed meanwhile it is computed once more, and this time
    news of these families waits until it is done: a busy county cannot put a round off for ever.
    """
    county = work.runtime.system.scope
    ranges.lock_proposing(work, within=county)
    opened = rounds.find_round(work, round_id, within=county)
    if opened is None or opened.state == JobState.DONE:
        return
    try:
        with work.connection.begin_nested():
            _solve(work, opened, care.without_pair(work, within=AreaScope(opened.area_code)))
    except ConcurrentChange:
        waiting = {each.care.household_id for each in care.without_pair(work, within=AreaScope(opened.area_code))}
        care.lock_households(work, waiting, within=county)
        _solve(work, opened, care.without_pair(work, within=county, among=waiting))


def _solve(work: Work, opened: Row, waiting: tuple[care.Known, ...]) -> None:
    situation = situation_of(work, waiting, within=work.runtime.system.scope)
    found = engine.solve(situation.problem)
    close_round(work, opened, situation, situation.problem, found, replaces={})
