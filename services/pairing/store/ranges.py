"""Areas in SQL, the county's one lock for proposing, and the range of row security."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.database import SET_SCOPE
from chassis.work import Work
from contracts.area import AreaScope

Row = sa.Row[Any]
UUIDS = sa.ARRAY(sa.Uuid())
PROPOSING = (0x6B6974, 1)
"""Two-part advisory keys are a space of their own: jobs and timers lock by one number."""


def lies_in(table: sa.Table, *, within: AreaScope) -> sa.ColumnElement[bool]:
    """The rows of an area and all below it, as a range in byte order."""
    return sa.and_(table.c.area_code >= within.code, table.c.area_code < within.upper)


def one_of(column: sa.Column[Any], ids: Collection[UUID], *, within: AreaScope) -> sa.ColumnElement[bool]:
    """Rows of `within` named by id, however many: one parameter."""
    return sa.and_(column == sa.any_(sa.literal(list(ids), UUIDS)), lies_in(column.table, within=within))


def lock_proposing(work: Work, *, within: AreaScope) -> None:
    """Until this transaction ends nobody else proposes in the county: slots are given out one solve at a time."""
    area, sort = PROPOSING
    work.connection.execute(
        sa.text("select pg_advisory_xact_lock(:area, :sort) where :code <> ''"),
        {"area": area, "sort": sort, "code": within.code},
    )


def look_across(work: Work, *, within: AreaScope) -> AreaScope:
    """For the rest of this transaction row security spans `within`, also beyond the actor's own area.

    Only after the actor was found to be entitled to the pair or helper at hand: the rules look at both sides of a
    pair, and one of them may live outside. Nothing more than before may be answered.
    """
    work.connection.execute(SET_SCOPE, {"area": within.code})
    return within
