"""The helper register comes in two steps: first everything wrong is named, then the valid helpers are stored."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from chassis.ids import new_id
from chassis.work import Work
from chassis.workbook_table import Problem
from contracts.area import AreaLevel
from contracts.codes import ImportState
from contracts.households import AreaPage, AreaView, ListAreas
from contracts.messages import Created, Done
from contracts.pairing import CheckHelpers, CommitHelpers, HelperRegistered
from contracts.refusals import NOT_FOUND, Refusal
from services.pairing.store import imports, register
from services.pairing.store.ranges import Row
from services.pairing.store.vault import Personal, Vault
from services.pairing.usecases.refusals import IMPORT_NOT_CHECKED
from services.pairing.workbook import HelperReading, HelperRow, VillagePlace, VillagesNamed

CHECK_JOB, COMMIT_JOB = "check_helpers", "commit_helpers"
AREAS_AT_ONCE = 500
WAITING_FOR = {CHECK_JOB: ImportState.READING, COMMIT_JOB: ImportState.COMMITTING}


def check_helpers(work: Work, command: CheckHelpers) -> Created:
    """Take an uploaded register in for checking."""
    import_id = new_id()
    imports.add_import(work, import_id, command.file_id, within=work.scope)
    work.enqueue(CHECK_JOB, import_id=str(import_id))
    return Created(id=import_id)


def commit_helpers(work: Work, command: CommitHelpers) -> Done | Refusal:
    """Store what was checked. Said twice, it is done once."""
    found = imports.find_import(work, command.import_id, within=work.scope)
    if found is None:
        return NOT_FOUND
    if found.state in (ImportState.COMMITTING, ImportState.COMMITTED):
        return Done()
    if found.state != ImportState.CHECKED:
        return IMPORT_NOT_CHECKED
    imports.change_import(work, found, within=work.scope, state=ImportState.COMMITTING)
    work.enqueue(COMMIT_JOB, import_id=str(command.import_id))
    return Done()


# --- what the jobs do


def import_for(work: Work, job: str, import_id: UUID) -> Row | None:
    """The import if it still waits for this job."""
    found = imports.find_import(work, import_id, within=work.scope)
    return found if found is not None and found.state == WAITING_FOR[job] else None


def villages_of_county(work: Work) -> VillagesNamed:
    """All villages by name, as the households service has them now: a name may stand twice, in two townships."""
    areas = {area.code: area for area in _all_areas(work)}
    named: dict[str, list[VillagePlace]] = defaultdict(list)
    for area in areas.values():
        if area.level is AreaLevel.VILLAGE:
            township = areas[area.parent_code].name if area.parent_code in areas else ""
            named[area.name].append(VillagePlace(area.code, township))
    return lambda name: named.get(name, ())


def _all_areas(work: Work) -> Iterable[AreaView]:
    cursor = None
    while True:
        page = work.ask(ListAreas(limit=AREAS_AT_ONCE, cursor=cursor))
        assert isinstance(page, AreaPage)  # noqa: S101 - the query's spec says so
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def note_checked(work: Work, import_id: UUID, reading: HelperReading) -> None:
    """Keep what was found, for people to look at before they commit."""
    if found := import_for(work, CHECK_JOB, import_id):
        imports.change_import(
            work,
            found,
            within=work.scope,
            state=ImportState.CHECKED,
            rows=reading.rows_read,
            valid=len(reading.helpers),
            slots=reading.slots,
            problems=[_problem(problem) for problem in reading.problems],
        )


def note_stopped(
    work: Work, import_id: UUID, state: ImportState, code: str, problem: Problem | None = None
) -> None:
    """The import goes no further: refused for what the file is, or failed for what happened here."""
    if found := imports.find_import(work, import_id, within=work.scope):
        places = [_problem(problem)] if problem else []
        imports.change_import(work, found, within=work.scope, state=state, refused_code=code, problems=places)


def register_helpers(work: Work, import_id: UUID, reading: HelperReading) -> None:
    """Store the valid helpers who are new; whoever is known, by number or in person, is left as they are."""
    found = import_for(work, COMMIT_JOB, import_id)
    if found is None:
        return
    vault, rows, keys = Vault(work.runtime), [], {}
    for told in reading.helpers:
        helper_id = new_id()
        sealed, key = vault.seal(Personal(told.name, told.identity_number, told.phone), helper_id)
        rows.append({"id": helper_id, "registered_on": work.today, **_facts(told), **sealed})
        keys[helper_id] = {"area_code": told.village_code, **key}
    added = register.add_helpers(work, rows, within=work.scope)
    register.add_keys(work, [key for helper_id, key in keys.items() if helper_id in added], within=work.scope)
    work.record(*(_registered(row) for row in rows if row["id"] in added))
    unchanged = len(reading.helpers) - len(added)
    imports.change_import(
        work, found, within=work.scope, state=ImportState.COMMITTED, stored=len(added), unchanged=unchanged
    )


def _facts(told: HelperRow) -> dict[str, Any]:
    return {
        "area_code": told.village_code,
        "number": told.number,
        "kind": told.kind,
        "capacity": told.capacity,
        "cleared_on": told.cleared_on,
        "unit": told.unit,
        "successor_number": told.successor,
        "availability": told.availability,
        "skills": list(told.skills),
        "languages": list(told.languages),
    }


def _registered(row: dict[str, Any]) -> HelperRegistered:
    return HelperRegistered(
        helper_id=row["id"],
        helper_number=row["number"],
        kind=row["kind"],
        area_code=row["area_code"],
        capacity=row["capacity"],
        registered_on=row["registered_on"],
    )


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "sheet": problem.sheet,
        "row": problem.row,
        "column": problem.column,
        "cell": problem.cell or "",
        "field": problem.field,
        "code": problem.code,
        "first": f"{problem.first.sheet}!{problem.first.row}" if problem.first else None,
        "fix_en": problem.fix.en,
        "fix_zh": problem.fix.zh,
    }
