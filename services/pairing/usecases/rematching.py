"""Someone new for households whose pair or proposal is over: the exact best, while every other pair stays."""

from collections.abc import Collection, Mapping
from uuid import UUID

from chassis.ids import new_id
from chassis.work import Work
from contracts.area import AreaScope
from services.pairing import engine
from services.pairing.engine.rematch import vacancies
from services.pairing.model import Match
from services.pairing.queries.situation import situation_of
from services.pairing.store import care, matches, ranges, rounds
from services.pairing.store.matches import DECLINED, Kept
from services.pairing.usecases.proposing import close_round

NEXT_JOB, REMATCH_JOB = "propose_next", "rematch"


def find_someone_new(work: Work, kind: str, over: Collection[UUID]) -> None:
    """Propose for the households of these pairs, as far as they consent today and still have nobody (L1)."""
    county = work.runtime.system.scope
    ranges.lock_proposing(work, within=county)
    old = {each.match.household_id: each for each in matches.matches(work, over, within=county)}
    freed = care.without_pair(work, within=county, among=old)
    if not freed:
        return
    mine = {each.care.household_id: old[each.care.household_id] for each in freed}
    situation = situation_of(work, freed, within=county, had=_had(work, mine, within=county))
    found = engine.rematch(situation.problem, {}, mine)
    problem = vacancies(situation.problem, {}, mine)
    round_id = new_id()
    rounds.add_round(work, round_id, kind, work.today, within=county)
    opened = rounds.find_round(work, round_id, within=county)
    assert opened is not None  # noqa: S101 - written a line ago
    close_round(
        work, opened, situation, problem, found, {each: replaced(kept.match) for each, kept in mine.items()}
    )


def replaced(over: Match) -> UUID | None:
    """The pair that a new proposal stands in for: the one that ended, also after proposals in between came to nothing.

    After a first proposal that was declined there is none: nobody had stood by the household.
    """
    never_stood = over.started_on is None
    if never_stood and (over.replaces or over.state in DECLINED):
        return over.replaces
    return over.id


def _had(work: Work, over: Mapping[UUID, Kept], *, within: AreaScope) -> dict[UUID, UUID]:
    """Whose successor is asked first: of the helper who left, also when a successor has declined meanwhile."""
    named = {each: _predecessor(kept.match) for each, kept in over.items()}
    before = [pair for pair in named.values() if pair]
    helper = {each.id: each.match.helper_id for each in matches.matches(work, before, within=within)}
    return {household: helper[pair] for household, pair in named.items() if pair in helper}


def _predecessor(over: Match) -> UUID | None:
    return over.replaces if over.state in DECLINED else over.id
