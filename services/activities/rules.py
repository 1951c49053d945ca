"""When a plan can be measured, whose visit a report is, and what about it somebody should look at."""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from contracts.activities import PlannedIndicator
from contracts.actor import OFFICERS, Actor, Role
from contracts.refusals import VERSION_CONFLICT, Refusal
from services.activities.model import KnownHousehold, KnownMatch, Measures, PlanChange, PlanOnFile, VisitFlag

PLAN_EXISTS = Refusal(
    "plan-exists",
    409,
    "This carrier already has an open plan for the area and year",
    "该载体在本辖区本年度已有未结方案",
    "Go on with the plan that is there.",
    "请在已有方案上继续。",
)
PLAN_NOT_DRAFT = Refusal(
    "plan-not-draft",
    409,
    "The plan is in force already",
    "方案已经生效",
    "A plan is put in force once; look at the plan as it stands.",
    "方案只能生效一次，请查看现行方案。",
)
PLAN_NOT_MEASURABLE = Refusal(
    "plan-not-measurable",
    422,
    "The plan cannot be measured yet",
    "方案尚不可考核",
    "Fill in the fields named: lead unit, deadline, budget line, and at least one whole indicator.",
    "请补齐所指字段：牵头单位、时限、经费科目和至少一项完整指标。",
)
VISIT_IN_FUTURE = Refusal(
    "visit-in-future",
    422,
    "The visit lies in the future",
    "走访日期在今天之后",
    "Check the day of the visit; a visit may be reported late, never ahead.",
    "请核对走访日期；可以补报，不可预报。",
)


def overtaken(seen: int | None, plan: PlanOnFile, since: Sequence[PlanChange]) -> Refusal | None:
    """Why an editor who saw that version is told to look again: what changed since. None if nothing did."""
    if seen is None or seen == plan.version:
        return None
    changes = [
        {
            "version": change.version,
            "fields": list(change.fields),
            "roles": list(change.roles),
            "changed_at": change.changed_at.isoformat(),
        }
        for change in since
    ]
    return VERSION_CONFLICT.with_more(version=plan.version, changes=changes)


def changed_fields(plan: PlanOnFile, title: str, measures: Measures) -> tuple[str, ...]:
    """The names of the fields that would be another than they are."""
    before, after = vars(plan.measures), vars(measures)
    differing = [name for name in before if before[name] != after[name]]
    return (*(["title"] if title != plan.title else []), *differing)


def missing_measures(measures: Measures) -> tuple[str, ...]:
    """JSON pointers at what a plan still lacks to be measurable; empty if nothing."""
    return tuple(_missing(measures))


def _missing(measures: Measures) -> Iterator[str]:
    if measures.lead_unit is None:
        yield "/lead_unit"
    if measures.deadline is None:
        yield "/deadline"
    if measures.budget_line is None:
        yield "/budget_line"
    if not measures.indicators:
        yield "/indicators"
    for index, indicator in enumerate(measures.indicators):
        for field in PlannedIndicator.model_fields:
            if getattr(indicator, field) is None:
                yield f"/indicators/{index}/{field}"


def is_bound_helper(actor: Actor) -> bool:
    """Whether the actor is bound to their own households: a helper who holds no office."""
    return actor.has(Role.HELPER) and not actor.has(*OFFICERS)


def is_theirs(household: KnownHousehold, helper_id: UUID | None) -> bool:
    """Whether a helper stands, or stood, by this household: a report may come after the pair ended (L3)."""
    return any(match.helper_id == helper_id for match in household.matches)


def match_of(household: KnownHousehold, match_id: UUID | None, helper_id: UUID | None) -> KnownMatch | None:
    """The pair that a report names, if it is this household's, and the helper's own where a helper reports."""
    return next(
        (match for match in household.matches if match.id == match_id and helper_id in (None, match.helper_id)),
        None,
    )


def flags_of(
    household: KnownHousehold, named: UUID | None, match: KnownMatch | None, visited_on: date
) -> tuple[VisitFlag, ...]:
    """What somebody should look at; none of it keeps the report out."""
    raised = {
        VisitFlag.MATCH_UNKNOWN: named is not None and match is None,
        VisitFlag.OUTSIDE_MATCH: match is not None and not match.stood_on(visited_on),
        VisitFlag.WITHOUT_CONSENT: not any(span.covers(visited_on) for span in household.consents),
    }
    return tuple(flag for flag, holds in raised.items() if holds)
