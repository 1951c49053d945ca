"""Survey imports: where each stands and what it found."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.database import ConcurrentChange
from chassis.work import Work
from contracts.area import AreaScope
from contracts.codes import ImportState
from services.households.store.sets import insert_rows, lies_within
from services.households.tables import survey_import


def add_import(work: Work, import_id: UUID, file_id: UUID, round_year: int, *, within: AreaScope) -> None:
    """An import begins; it belongs to the area of whoever uploaded the file."""
    row = {
        "id": import_id,
        "area_code": within.code,
        "file_id": file_id,
        "round_year": round_year,
        "state": ImportState.READING,
    }
    insert_rows(work, survey_import, [row], within=within)


def find_import(work: Work, import_id: UUID, *, within: AreaScope) -> sa.Row[Any] | None:
    """The import, locked until the transaction ends; None if there is none within."""
    found = sa.select(survey_import).where(survey_import.c.id == import_id, lies_within(survey_import, within))
    return work.connection.execute(found.with_for_update()).first()


def read_import(work: Work, import_id: UUID, *, within: AreaScope) -> sa.Row[Any] | None:
    """The import as it stands; None if there is none within."""
    found = sa.select(survey_import).where(survey_import.c.id == import_id, lies_within(survey_import, within))
    return work.connection.execute(found).first()


def change_import(work: Work, import_id: UUID, version: int, *, within: AreaScope, **values: object) -> None:
    """Note where the import stands now; ConcurrentChange if it has moved on since `version` was read."""
    done = work.connection.execute(
        sa.update(survey_import)
        .where(
            survey_import.c.id == import_id,
            survey_import.c.version == version,
            lies_within(survey_import, within),
        )
        .values(version=survey_import.c.version + 1, **values)
    )
    if done.rowcount != 1:
        raise ConcurrentChange("survey_import")
