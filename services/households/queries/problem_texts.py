"""What to do about each problem of a survey import."""

from collections.abc import Mapping

from chassis.workbook import Fix
from chassis.workbook_guard import REMEDIES
from chassis.workbook_table import FORMULAS
from services.households.workbook import FIXES, WHOLE_FIXES

ELSEWHERE = "registered-elsewhere"
"""Beside the form's own codes: somebody of the household is on file in another one, or in another village."""

PROBLEM_FIXES: Mapping[str, Fix] = {
    **FIXES,
    FORMULAS: REMEDIES[FORMULAS],
    ELSEWHERE: Fix(
        "此人已登记在另一户或另一村：请核对；确已迁移的，请先办理转移。",
        "This person is on file in another household or village: check it; if they moved, record the move first.",
    ),
}

REFUSED_FIXES: Mapping[str, Fix] = {**REMEDIES, **WHOLE_FIXES}
"""What to do about a workbook that was refused as a whole."""
