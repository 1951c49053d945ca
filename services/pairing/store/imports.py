"""Imports of the helper register: where each stands and what it found."""

from uuid import UUID

import sqlalchemy as sa

from chassis.database import ConcurrentChange
from chassis.work import Work
from contracts.area import AreaScope
from contracts.codes import ImportState
from services.pairing.store.ranges import Row, lies_in
from services.pairing.tables import helper_import


def add_import(work: Work, import_id: UUID, file_id: UUID, *, within: AreaScope) -> None:
    """An import begins; it belongs to the area of whoever uploaded the file."""
    work.connection.execute(
        sa.insert(helper_import).values(
            id=import_id, area_code=within.code, file_id=file_id, state=ImportState.READING
        )
    )


def find_import(work: Work, import_id: UUID, *, within: AreaScope) -> Row | None:
    """The import as it stands; None if there is none within."""
    asked = sa.select(helper_import).where(helper_import.c.id == import_id, lies_in(helper_import, within=within))
    return work.connection.execute(asked).first()


def change_import(work: Work, found: Row, *, within: AreaScope, **values: object) -> None:
    """Note where the import stands now; ConcurrentChange if it has moved on since it was read."""
    done = work.connection.execute(
        sa.update(helper_import)
        .where(
            helper_import.c.id == found.id,
            helper_import.c.version == found.version,
            lies_in(helper_import, within=within),
        )
        .values(version=helper_import.c.version + 1, **values)
    )
    if done.rowcount != 1:
        raise ConcurrentChange("helper_import")
