"""Background work of the households service: reading survey workbooks, and the categories that time changes."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.jobs import WAITS, JobRun
from chassis.surroundings import Surroundings
from chassis.work import Work, transact
from chassis.workbook_table import FormulaFound
from contracts.area import AreaScope
from contracts.codes import ImportState
from contracts.refusals import Refused
from services.households import store
from services.households.store import AreaRow, Registered, Vault
from services.households.usecases import importing, reclassify
from services.households.usecases.listing import listed
from services.households.usecases.reading import read_upload
from services.households.usecases.recognising import Listed
from services.households.usecases.uploads import upload
from services.households.workbook import SurveyReading

RECLASSIFY_AT_ONCE = 200
UPLOADS_KEPT_SECONDS = 24 * 3600.0
OVER = (ImportState.COMMITTED, ImportState.REFUSED)


def check_survey(run: JobRun) -> None:
    """Dry-run a workbook: every problem is named and nothing of its people is stored."""
    _carry_out(run, ImportState.READING, importing.note_checked)


def commit_survey(run: JobRun) -> None:
    """Store a workbook's valid households, all in one transaction."""
    _carry_out(run, ImportState.COMMITTING, importing.commit)


def reclassify_due(runtime: Surroundings) -> None:
    """Re-derive the categories of every household whose day has come, a batch in each transaction."""

    def do(work: Work) -> int:
        return reclassify(work, RECLASSIFY_AT_ONCE)

    while transact(runtime, runtime.system, do) == RECLASSIFY_AT_ONCE:
        pass


def forget_uploads(runtime: Surroundings) -> None:
    """Remove what was uploaded a day ago and never committed, by whichever service it was meant for."""
    runtime.files.forget_older_than(UPLOADS_KEPT_SECONDS)


def _carry_out(run: JobRun, state: ImportState, do: Callable[..., None]) -> None:
    import_id = UUID(run.args["import_id"])
    found = run.transact(lambda work: importing.survey_import(work, import_id))
    if found.state != state:
        return
    try:
        reading, households = _read(run, found)
        known = _registered(run.runtime, households)
        run.transact(lambda work: do(work, import_id, reading, households, known))
    except Refused as refused:
        code = refused.refusal.code
        problem = refused.problem if isinstance(refused, FormulaFound) else None
        run.transact(lambda work: importing.note_refused(work, import_id, code, problem))
    except Exception:
        if run.attempts > len(WAITS):
            run.transact(lambda work: importing.note_failed(work, import_id))
        raise
    if run.transact(lambda work: importing.survey_import(work, import_id)).state in OVER:
        run.runtime.files.remove(found.file_id)  # it holds remarks and columns that are never to be stored


def _read(run: JobRun, found: sa.Row[Any]) -> tuple[SurveyReading, list[Listed]]:
    runtime = run.runtime

    def areas(work: Work) -> list[AreaRow]:
        return store.areas(work, within=work.scope)

    county = transact(runtime, runtime.system, areas)
    data = upload(runtime, found.file_id)
    reading = read_upload(data, county, AreaScope(found.area_code), runtime.settings.county)
    return reading, listed(reading.households, found.round_year, Vault(runtime))


def _registered(runtime: Surroundings, households: list[Listed]) -> dict[bytes, Registered]:
    """Where the survey's people are listed in the whole county: ids and codes, for nobody to see."""
    indexes = [member.index for item in households for member in item.members]

    def look(work: Work) -> dict[bytes, Registered]:
        return store.registered(work, indexes, within=work.scope)

    return transact(runtime, runtime.system, look)
