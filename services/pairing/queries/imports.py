"""Where a helper import stands."""

from chassis.work import Work
from contracts.codes import ImportState
from contracts.households import ProblemView
from contracts.pairing import GetHelperImport, HelperImportView
from contracts.refusals import NOT_FOUND, Refusal
from services.pairing.store import imports
from services.pairing.workbook import REFUSED_FIXES


def get_helper_import(work: Work, query: GetHelperImport) -> HelperImportView | Refusal:
    """One import with all its problems."""
    row = imports.find_import(work, query.import_id, within=work.scope)
    if row is None:
        return NOT_FOUND
    fix = REFUSED_FIXES.get(row.refused_code)
    return HelperImportView(
        import_id=row.id,
        state=ImportState(row.state),
        refused_code=row.refused_code,
        refused_fix_en=fix.en if fix else None,
        refused_fix_zh=fix.zh if fix else None,
        rows=row.rows,
        valid=row.valid,
        slots=row.slots,
        stored=row.stored,
        unchanged=row.unchanged,
        problems=tuple(ProblemView.model_validate(problem) for problem in row.problems),
    )
