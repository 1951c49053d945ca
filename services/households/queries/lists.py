"""Pages of areas and of households: codes and ids, no names of people."""

from typing import Any

import sqlalchemy as sa

from chassis.paging import asked_area
from chassis.work import Work
from contracts.codes import CareCategoryCode
from contracts.households import (
    AreaPage,
    AreaView,
    HouseholdPage,
    HouseholdRow,
    ListAreas,
    ListHouseholds,
)
from services.households import store


def list_areas(work: Work, query: ListAreas) -> AreaPage:
    """The areas in the asker's area, by code."""
    limit = query.limit
    rows = store.areas(work, within=asked_area(work, query), after=query.cursor or "", limit=limit + 1)
    items = tuple(
        AreaView(code=row.code, name=row.name, level=row.level, parent_code=row.parent_code) for row in rows[:limit]
    )
    return AreaPage(items=items, next_cursor=items[-1].code if len(rows) > limit else None)


def list_households(work: Work, query: ListHouseholds) -> HouseholdPage:
    """The households in the asker's area, by number."""
    limit = query.limit
    rows = store.list_households(
        work, within=asked_area(work, query), number=query.number, after=query.cursor or "", limit=limit + 1
    )
    items = tuple(_line(row) for row in rows[:limit])
    return HouseholdPage(items=items, next_cursor=items[-1].number if len(rows) > limit else None)


def _line(row: sa.Row[Any]) -> HouseholdRow:
    """What is restricted is never listed (H11)."""
    held = {*row.declared, *row.derived} - {CareCategoryCode.RESTRICTED}
    return HouseholdRow(
        household_id=row.id,
        number=row.number,
        area_code=row.area_code,
        categories=tuple(code for code in CareCategoryCode if code in held),
        members=row.members,
        surveyed_on=row.surveyed_on,
    )
