"""The survey import: checked first, committed when an officer says so."""

from chassis.ids import new_id
from chassis.work import Work
from contracts.codes import ImportState
from contracts.households import CheckSurvey, CommitSurvey
from contracts.messages import Created, Done
from contracts.refusals import NOT_FOUND, Refusal
from services.households import store

CHECK_SURVEY, COMMIT_SURVEY = "check_survey", "commit_survey"
"""Kinds of background work."""

IMPORT_NOT_CHECKED = Refusal(
    "import-not-checked",
    409,
    "The import has not been checked, or cannot be read",
    "该导入尚未检查完毕或无法读取",
    "Wait until its state is `checked`; a refused file must be corrected and uploaded again.",
    "请待状态为 checked 后再提交；被拒的文件请更正后重新上传。",
)


def check_survey(work: Work, command: CheckSurvey) -> Created:
    """Begin a dry run; a worker reads the file."""
    import_id = new_id()
    store.add_import(work, import_id, command.file_id, command.round_year, within=work.scope)
    work.enqueue(CHECK_SURVEY, import_id=str(import_id))
    return Created(id=import_id)


def commit_survey(work: Work, command: CommitSurvey) -> Done | Refusal:
    """Let a worker store what the dry run found valid; asked again, it changes nothing."""
    found = store.find_import(work, command.import_id, within=work.scope)
    if found is None:
        return NOT_FOUND
    if found.state in (ImportState.COMMITTING, ImportState.COMMITTED):
        return Done()
    if found.state != ImportState.CHECKED:
        return IMPORT_NOT_CHECKED
    store.change_import(work, found.id, found.version, within=work.scope, state=ImportState.COMMITTING)
    work.enqueue(COMMIT_SURVEY, import_id=str(found.id))
    return Done()
