"""A plan is begun, changed while it is a draft, and put in force once it can be measured."""

from dataclasses import replace

from chassis.ids import new_id
from chassis.work import Work
from contracts.activities import ActivatePlan, DraftPlan, PlanActivated, PlanDrafted, PlanRevised, RevisePlan
from contracts.area import level_of
from contracts.codes import UnitKind
from contracts.messages import Created, Done, Edit
from contracts.refusals import NOT_FOUND, OUT_OF_AREA, Refusal
from services.activities import store
from services.activities.model import Draft, Measures, PlanOnFile, PlanState
from services.activities.rules import (
    PLAN_EXISTS,
    PLAN_NOT_DRAFT,
    PLAN_NOT_MEASURABLE,
    changed_fields,
    missing_measures,
    overtaken,
)


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


def revise_plan(work: Work, command: RevisePlan) -> PlanRevised | Refusal:
    """Change a draft, unless its editor saw an older one; a plan in force is not rewritten."""
    plan = store.plan_on_file(work, command.plan_id, within=work.scope)
    if plan is None:
        return NOT_FOUND
    if refusal := _overtaken(work, command, plan) or _in_force(plan):
        return refusal
    given = {name: value for name in vars(plan.measures) if (value := getattr(command, name)) is not None}
    measures, title = replace(plan.measures, **given), command.title or plan.title
    fields = changed_fields(plan, title, measures)
    if not fields:
        return PlanRevised(version=plan.version)
    store.rewrite(work, plan, title, measures, fields, within=work.scope)
    return PlanRevised(version=plan.version + 1)


def _overtaken(work: Work, edit: Edit, plan: PlanOnFile) -> Refusal | None:
    """Decided in the transaction that writes: who comes second sees what the first has committed."""
    if edit.version in (None, plan.version):
        return None
    return overtaken(edit.version, plan, store.plan_changes(work, plan.id, edit.version or 0, within=work.scope))


def _in_force(plan: PlanOnFile) -> Refusal | None:
    return None if plan.state is PlanState.DRAFT else PLAN_NOT_DRAFT


def activate_plan(work: Work, command: ActivatePlan) -> Done | Refusal:
    """Put a plan in force. Behind the gateway's rule ADM-01 the plan itself insists on being measurable."""
    plan = store.plan_on_file(work, command.plan_id, within=work.scope)
    if plan is None:
        return NOT_FOUND
    if refusal := _overtaken(work, command, plan) or _in_force(plan):
        return refusal
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
    fields = ("state", *changed_fields(plan, plan.title, measures))
    store.rewrite(work, plan, plan.title, measures, fields, in_force=True, within=work.scope)
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
