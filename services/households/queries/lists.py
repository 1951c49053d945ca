"""Pages of areas and of households: codes and ids, no names of people."""

from typing import Any

import sqlalchemy as sa

from chassis.database import Work
from contracts.area import AreaScope
from contracts.codes import CareCategoryCode
from contracts.households import (
    AreaPage,
    AreaView,
    HouseholdPage,
    HouseholdRow,
    ListAreas,
    ListHouseholds,
)
from contracts.messages import Page
from services.households import store

MOST = 500


def list_areas(work: Work, query: ListAreas) -> AreaPage:
    """The areas in the asker's area, by code."""
    limit = _limit(query)
    rows = store.areas(work, within=_within(work, query), after=query.cursor or "", limit=limit + 1)
    items = tuple(
        AreaView(code=row.code, name=row.name, level=row.level, parent_code=row.parent_code) for row in rows[:limit]
    )
    return AreaPage(items=items, next_cursor=items[-1].code if len(rows) > limit else None)


def list_households(work: Work, query: ListHouseholds) -> HouseholdPage:
    """The households in the asker's area, by number."""
    limit = _limit(query)
    rows = store.list_households(
        work, within=_within(work, query), number=query.number, after=query.cursor or "", limit=limit + 1
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


def _limit(query: Page) -> int:
    return max(1, min(query.limit, MOST))


def _within(work: Work, query: Page) -> AreaScope:
    """The area that was asked for, which the chassis has checked to lie in the asker's own."""
    return AreaScope(query.area_code) if query.area_code else work.scope
