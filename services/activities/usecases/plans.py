"""A plan is begun, and put in force once it can be measured."""

from chassis.ids import new_id
from chassis.work import Work
from contracts.activities import ActivatePlan, DraftPlan, PlanActivated, PlanDrafted
from contracts.area import level_of
from contracts.codes import UnitKind
from contracts.messages import Created, Done
from contracts.refusals import NOT_FOUND, OUT_OF_AREA, Refusal
from services.activities import store
from services.activities.model import Draft, Measures, PlanOnFile, PlanState
from services.activities.rules import PLAN_EXISTS, PLAN_NOT_DRAFT, PLAN_NOT_MEASURABLE, missing_measures


def draft_plan(work: Work, command: DraftPlan) -> Created | Refusal:
    """Begin the one open plan of a carrier for an area and a year; the area's level follows from its code."""
    level = level_of(command.area_code)
    if level is None or not work.scope.covers(command.area_code):
        return OUT_OF_AREA.at("/area_code")
    programme = store.programme_of(work, command.carrier, within=work.scope)
    if programme is None:
        return NOT_FOUND.at("/carrier")
    draft = Draft(
        id=new_id(),
        programme_id=programme.programme_id,
        carrier=command.carrier,
        area_code=command.area_code,
        level=level,
        year=command.year,
        title=command.title,
    )
    if not store.add_draft(work, draft, within=work.scope):
        return PLAN_EXISTS
    work.record(_drafted(work, draft))
    return Created(id=draft.id)


def _drafted(work: Work, draft: Draft) -> PlanDrafted:
    return PlanDrafted(
        plan_id=draft.id,
        programme_id=draft.programme_id,
        carrier=draft.carrier,
        area_code=draft.area_code,
        level=draft.level,
        year=draft.year,
        drafted_on=work.today,
    )


def activate_plan(work: Work, command: ActivatePlan) -> Done | Refusal:
    """Put a plan in force. Behind the gateway's rule ADM-01 the plan itself insists on being measurable."""
    plan = store.plan_on_file(work, command.plan_id, within=work.scope)
    if plan is None:
        return NOT_FOUND
    if plan.state is not PlanState.DRAFT:
        return PLAN_NOT_DRAFT
    measures = Measures(
        lead_unit=command.lead_unit,
        implementing_units=command.implementing_units or _usual_units(work, plan),
        deadline=command.deadline,
        budget_line=command.budget_line,
        indicators=command.indicators,
    )
    missing = missing_measures(measures)
    if missing or measures.lead_unit is None:
        return PLAN_NOT_MEASURABLE.at(*missing)
    store.put_in_force(work, plan, measures, within=work.scope)
    work.record(_activated(work, plan, measures.lead_unit))
    return Done()


def _usual_units(work: Work, plan: PlanOnFile) -> tuple[UnitKind, ...]:
    """Where a plan names no implementing units, its carrier's carry it out (A1)."""
    programme = store.programme_of(work, plan.carrier, within=work.scope)
    return programme.implementing_units if programme else ()


def _activated(work: Work, plan: PlanOnFile, lead_unit: UnitKind) -> PlanActivated:
    return PlanActivated(
        plan_id=plan.id,
        carrier=plan.carrier,
        area_code=plan.area_code,
        level=plan.level,
        year=plan.year,
        lead_unit=lead_unit,
        activated_on=work.today,
    )
