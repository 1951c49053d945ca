"""What a worker notes of a survey import: what the dry run found, or what was stored."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.work import Work
from chassis.workbook_table import Problem
from contracts.area import AreaScope
from contracts.codes import ImportState
from services.households import store
from services.households.store import Registered
from services.households.usecases.recognising import Listed, recognise
from services.households.usecases.registering import register
from services.households.usecases.surveyed import Round
from services.households.workbook import SurveyReading

OPEN = (ImportState.READING, ImportState.COMMITTING)


def survey_import(work: Work, import_id: UUID) -> sa.Row[Any]:
    """The import that a job is about."""
    found = store.find_import(work, import_id, within=work.scope)
    if found is None:
        raise LookupError(str(import_id))
    return found


def note_refused(work: Work, import_id: UUID, code: str, problem: Problem | None = None) -> None:
    """The file cannot be read as a whole: one code, where it can be told the place, nothing stored."""
    places = _places([problem] if problem else [])
    _change(work, survey_import(work, import_id), state=ImportState.REFUSED, refused_code=code, problems=places)


def note_failed(work: Work, import_id: UUID) -> None:
    """The worker gave up; an operator is told by its log."""
    _change(work, survey_import(work, import_id), state=ImportState.FAILED)


def note_checked(
    work: Work,
    import_id: UUID,
    reading: SurveyReading,
    listed: Sequence[Listed],
    registered: Mapping[bytes, Registered],
) -> None:
    """The dry run: counts and places of problems, and nothing of what the cells say."""
    recognised, clashes = recognise(listed, registered)
    _change(
        work,
        survey_import(work, import_id),
        state=ImportState.CHECKED,
        rows=reading.rows_read,
        persons=sum(len(item.members) for item, _ in recognised),
        households_valid=len(recognised),
        households_invalid=len(reading.households) - len(recognised),
        problems=_places((*reading.problems, *clashes)),
    )


def commit(
    work: Work,
    import_id: UUID,
    reading: SurveyReading,
    listed: Sequence[Listed],
    elsewhere: Mapping[bytes, Registered],
) -> None:
    """Store the valid households, or, where a worker before this one did so and died, nothing."""
    found = survey_import(work, import_id)
    if found.state != ImportState.COMMITTING:
        return
    survey = Round(found.round_year, found.id, work.today)
    done = register(work, survey, listed, elsewhere, AreaScope(found.area_code))
    _change(
        work,
        found,
        state=ImportState.COMMITTED,
        households_stored=done.households_stored,
        persons_stored=done.persons_stored,
        unchanged=done.unchanged,
        problems=_places((*reading.problems, *done.problems)),
    )


def _change(work: Work, found: sa.Row[Any], **values: object) -> None:
    if found.state in OPEN:
        store.change_import(work, found.id, found.version, within=work.scope, **values)


def _places(problems: Iterable[Problem]) -> list[dict[str, object]]:
    return [
        {
            "sheet": problem.sheet,
            "row": problem.row,
            "column": problem.column,
            "cell": problem.cell or "",
            "field": problem.field,
            "code": problem.code,
            "first": f"{problem.first.sheet}!{problem.first.row}" if problem.first else None,
        }
        for problem in problems
    ]
