"""What to do about each problem of a survey import."""

from collections.abc import Mapping

from chassis.workbook import Fix
from services.households.workbook import FIXES

ELSEWHERE = "registered-elsewhere"
"""Beside the form's own codes: somebody of the household is on file in another one, or in another village."""

PROBLEM_FIXES: Mapping[str, Fix] = {
    **FIXES,
    ELSEWHERE: Fix(
        "此人已登记在另一户或另一村：请核对；确已迁移的，请先办理转移。",
        "This person is on file in another household or village: check it; if they moved, record the move first.",
    ),
}
