"""Where a survey import stands."""

from typing import Any

from chassis.work import Work
from contracts.codes import ImportState
from contracts.households import GetSurveyImport, ProblemView, SurveyImportView
from contracts.refusals import NOT_FOUND, Refusal
from services.households import store
from services.households.queries.problem_texts import PROBLEM_FIXES, REFUSED_FIXES


def get_survey_import(work: Work, query: GetSurveyImport) -> SurveyImportView | Refusal:
    """One import with all its problems, each with what to do about it."""
    row = store.read_import(work, query.import_id, within=work.scope)
    if row is None:
        return NOT_FOUND
    fix = REFUSED_FIXES.get(row.refused_code)
    return SurveyImportView(
        import_id=row.id,
        state=ImportState(row.state),
        refused_code=row.refused_code,
        refused_fix_en=fix.en if fix else None,
        refused_fix_zh=fix.zh if fix else None,
        rows=row.rows,
        persons=row.persons,
        households_valid=row.households_valid,
        households_invalid=row.households_invalid,
        households_stored=row.households_stored,
        persons_stored=row.persons_stored,
        unchanged=row.unchanged,
        problems=tuple(_problem(problem) for problem in row.problems),
    )


def _problem(problem: dict[str, Any]) -> ProblemView:
    fix = PROBLEM_FIXES[problem["code"]]
    return ProblemView(**problem, fix_en=fix.en, fix_zh=fix.zh)
