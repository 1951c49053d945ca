"""Who else could stand by the household of a pair, at what exact price, and why nobody else."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from chassis.work import Work
from contracts.area import AreaScope
from contracts.pairing import AlternativesView, AlternativeView, GetAlternatives
from contracts.refusals import NOT_FOUND, Refusal
from services.pairing import engine
from services.pairing.engine.rematch import vacancies
from services.pairing.model import AWAITING_ANSWER, STANDING, MatchState, township_of
from services.pairing.queries.excluding import excluded_of
from services.pairing.queries.situation import situation_of
from services.pairing.rules import (
    MERIT_WORDS_EN,
    MERIT_WORDS_ZH,
    MeritCode,
    merits,
)
from services.pairing.store import care, matches, ranges
from services.pairing.store.matches import Kept

SHOWN = 5


@dataclass(frozen=True)
class Question:
    """The township as it stands: unanswered proposals may be rearranged, everything else keeps its slot."""

    problem: engine.Problem
    pairs: Mapping[UUID, UUID]
    household_id: UUID
    chosen: UUID | None


def get_alternatives(work: Work, query: GetAlternatives) -> AlternativesView | Refusal:
    """`extra_cost` is the best cost with the other helper forced, less the best with the one of the pair."""
    kept = matches.find_match(work, query.match_id, within=work.scope)
    if kept is None:
        return NOT_FOUND
    question = _question(work, kept, within=ranges.look_across(work, within=work.runtime.system.scope))
    prices = sorted(_prices(question).items(), key=lambda item: (item[1], _number(question, item[0])))
    return AlternativesView(
        match_id=kept.id,
        alternatives=tuple(_alternative(question, helper, price) for helper, price in prices[:SHOWN]),
        excluded=excluded_of(question.problem, question.household_id),
    )


def _question(work: Work, kept: Kept, *, within: AreaScope) -> Question:
    township = AreaScope(township_of(kept.match.area_code))
    stands = kept.match.state in STANDING
    movable = {each.id: each for each in matches.unanswered(work, within=township)}
    if stands:
        movable[kept.id] = kept
    asked = {each.match.household_id for each in movable.values()} | {kept.match.household_id}
    known = {each.care.household_id: each for each in care.households(work, asked, within=within)}
    known |= {each.care.household_id: each for each in care.without_pair(work, within=township)}
    situation = situation_of(work, known.values(), within=within, had=_had(work, movable, within), but=movable)
    return Question(
        problem=vacancies(situation.problem, {}, known),
        pairs={each.match.household_id: each.match.helper_id for each in movable.values()},
        household_id=kept.match.household_id,
        chosen=kept.match.helper_id if stands else None,
    )


def _had(work: Work, movable: Mapping[UUID, Kept], within: AreaScope) -> dict[UUID, UUID]:
    """Whom the households know: the helper of a standing pair, or the one whom a proposal replaces."""
    old = [each.match.replaces for each in movable.values() if each.match.replaces]
    replaced = {each.id: each.match.helper_id for each in matches.matches(work, old, within=within)}
    had = {
        each.match.household_id: replaced[each.match.replaces]
        for each in movable.values()
        if each.match.state in AWAITING_ANSWER and each.match.replaces in replaced
    }
    active = (each.match for each in movable.values() if each.match.state is MatchState.ACTIVE)
    return had | {each.household_id: each.helper_id for each in active}


def _prices(question: Question) -> dict[UUID, int]:
    """Extra cost by other helper. If the township is not at its optimum any more, measured from there."""
    problem, household = question.problem, question.household_id
    try:
        found = engine.alternatives(problem, question.pairs, household, SHOWN)
    except ValueError:
        return _prices_from_optimum(question)
    return {each.helper_id: each.extra_cost for each in found}


def _prices_from_optimum(question: Question) -> dict[UUID, int]:
    problem, household = question.problem, question.household_id
    best = engine.solve(problem).pairs
    found = engine.alternatives(problem, best, household, len(problem.helpers))
    prices = {each.helper_id: each.extra_cost for each in found}
    if household in best:
        prices[best[household]] = 0
    base = prices.pop(question.chosen, 0) if question.chosen else 0
    return {helper: price - base for helper, price in prices.items()}


def _number(question: Question, helper: UUID) -> str:
    return question.problem.helper[helper].number


def _alternative(question: Question, helper_id: UUID, price: int) -> AlternativeView:
    helper = question.problem.helper[helper_id]
    speak_for: tuple[MeritCode, ...] = merits(question.problem.household[question.household_id], helper)
    if question.problem.successors.get(question.household_id) == helper_id:
        speak_for = (*speak_for, MeritCode.NAMED_SUCCESSOR)
    return AlternativeView(
        helper_id=helper_id,
        helper_number=helper.number,
        helper_kind=helper.kind,
        extra_cost=price,
        reasons_en=tuple(MERIT_WORDS_EN[code] for code in speak_for),
        reasons_zh=tuple(MERIT_WORDS_ZH[code] for code in speak_for),
    )
