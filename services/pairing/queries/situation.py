"""The present situation as the engine's question: these households, the helpers around them, what they carry."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from chassis.work import Work
from contracts.area import AreaScope
from services.pairing.engine import Problem
from services.pairing.model import Helper, Load, township_of
from services.pairing.store import care, matches, register


@dataclass(frozen=True)
class Situation:
    """A problem, and the rows that it was read from with their versions."""

    problem: Problem
    households: Mapping[UUID, care.Known]
    helpers: Mapping[UUID, register.Registered]


def situation_of(
    work: Work,
    known: Iterable[care.Known],
    *,
    within: AreaScope,
    had: Mapping[UUID, UUID] | None = None,
    but: Collection[UUID] = (),
) -> Situation:
    """The question about these households; `had` names the helper each had, `but` pairs that count as undone.

    Reads households before refusals: whoever a decline set free is known together with that decline.
    """
    listed = tuple(known)
    helpers = _around(work, listed, had or {}, within)
    carried = matches.carried(work, within=within, but=but)
    listed = care.with_refusals(work, listed, within=within)
    problem = Problem(
        households=tuple(each.care for each in listed),
        helpers=tuple(_to_be_asked(each) for each in helpers),
        today=work.today,
        loads={each.helper.id: Load(carried.get(each.helper.id, 0)) for each in helpers},
        current=dict(had or {}),
    )
    return Situation(
        problem,
        {each.care.household_id: each for each in listed},
        {each.helper.id: each for each in helpers},
    )


def _around(
    work: Work, listed: Iterable[care.Known], had: Mapping[UUID, UUID], within: AreaScope
) -> tuple[register.Registered, ...]:
    """All helpers of the households' townships, and those they had, wherever these live."""
    townships = sorted({township_of(each.care.village_code) for each in listed})
    found = {
        each.helper.id: each
        for code in townships
        if within.covers(code)
        for each in register.helpers_in(work, within=AreaScope(code))
    }
    for helper_id in sorted(set(had.values()) - found.keys()):
        if one := register.find_helper(work, helper_id, within=within):
            found[helper_id] = one
    return tuple(found.values())


def _to_be_asked(known: register.Registered) -> Helper:
    """Whoever has announced to leave is not asked for anyone new."""
    return replace(known.helper, active=False) if known.leaves_on else known.helper
