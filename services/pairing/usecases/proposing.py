"""From the engine's answer to proposals: written only if nothing that it rested on has changed meanwhile."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from chassis.database import ConcurrentChange
from chassis.ids import new_id
from chassis.work import Work
from contracts.area import AreaScope
from contracts.codes import JobState
from contracts.pairing import MatchProposed
from services.pairing.engine import Assignment, Problem
from services.pairing.model import Helper, HouseholdCare, Match
from services.pairing.queries.situation import Situation
from services.pairing.rules import MeritCode, merits
from services.pairing.store import care, matches, register, rounds
from services.pairing.store.matches import Kept
from services.pairing.store.ranges import Row

TIME_TO_ANSWER = timedelta(days=7)


def close_round(
    work: Work,
    opened: Row,
    situation: Situation,
    problem: Problem,
    found: Assignment,
    replaces: Mapping[UUID, UUID | None],
) -> None:
    """Propose what the engine found, and note what came of the round. `problem` is the one that it solved."""
    within = work.runtime.system.scope
    _still_true(work, situation, found.pairs, within=within)
    proposed = [
        _proposal(work, opened.id, problem, problem.household[household], problem.helper[helper], replaces)
        for household, helper in found.pairs.items()
    ]
    matches.add_matches(work, proposed, within=within)
    work.record(*map(_event, proposed))
    rounds.change_round(
        work,
        opened,
        within=within,
        state=JobState.DONE,
        proposed=len(proposed),
        unserved=len(found.unserved),
        cost=found.cost,
    )


def _still_true(work: Work, situation: Situation, pairs: Mapping[UUID, UUID], *, within: AreaScope) -> None:
    """Hold both sides as they were read, and count slots under the helpers' locks. ConcurrentChange if not so."""
    households = care.lock_households(work, set(pairs), within=within)
    if any(situation.households[each].version != known.version for each, known in households.items()):
        raise ConcurrentChange("household_care")
    helpers = register.lock_helpers(work, set(pairs.values()), within=within)
    if any(situation.helpers[each].version != known.version for each, known in helpers.items()):
        raise ConcurrentChange("helper")
    carried, asked = matches.carried(work, within=within, helpers=set(helpers)), Counter(pairs.values())
    if any(carried.get(each, 0) + asked[each] > known.helper.capacity for each, known in helpers.items()):
        raise ConcurrentChange("helper")
    if len(households) != len(pairs) or len(helpers) != len(asked):
        raise ConcurrentChange("gone")


def _proposal(
    work: Work,
    round_id: UUID,
    problem: Problem,
    household: HouseholdCare,
    helper: Helper,
    replaces: Mapping[UUID, UUID | None],
) -> Kept:
    proposed = Match(
        id=new_id(),
        household_id=household.household_id,
        helper_id=helper.id,
        area_code=household.village_code,
        proposed_on=work.today,
        answer_by=work.today + TIME_TO_ANSWER,
        replaces=replaces.get(household.household_id),
    )
    return Kept(
        match=proposed,
        round_id=round_id,
        household_number=household.number,
        helper_number=helper.number,
        helper_kind=helper.kind,
        cost=problem.scale.weigh(problem.pair_cost(household, helper)),
        reasons=_reasons(problem, household, helper),
    )


def _reasons(problem: Problem, household: HouseholdCare, helper: Helper) -> tuple[MeritCode, ...]:
    """What speaks for the two, and why this helper was asked before others."""
    speak_for = merits(household, helper)
    if problem.current.get(household.household_id) == helper.id:
        return (*speak_for, MeritCode.KEEPS_HELPER)
    if problem.successors.get(household.household_id) == helper.id:
        return (*speak_for, MeritCode.NAMED_SUCCESSOR)
    return speak_for


def _event(kept: Kept) -> MatchProposed:
    told = kept.match
    return MatchProposed(
        match_id=told.id,
        household_id=told.household_id,
        helper_id=told.helper_id,
        helper_kind=kept.helper_kind,
        area_code=told.area_code,
        proposed_on=told.proposed_on,
        replaces=told.replaces,
    )
