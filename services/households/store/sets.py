"""Reads, inserts and updates whole sets of rows: one statement, however many rows, always within an area."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.database import ConcurrentChange
from chassis.work import Work
from contracts.area import AreaScope

Rows = Sequence[dict[str, Any]]


def lies_within(table: sa.Table, within: AreaScope) -> sa.ColumnElement[bool]:
    """The rows of an area and all below it, as a range in byte order."""
    return sa.and_(table.c.area_code >= within.code, table.c.area_code < within.upper)


def insert_rows(work: Work, table: sa.Table, rows: Rows, *, within: AreaScope) -> None:
    """Insert rows that all lie within the area; row security says the same once more."""
    if not rows:
        return
    if not all(within.covers(row["area_code"]) for row in rows):
        raise ValueError(table.name)
    work.connection.execute(sa.insert(table), rows)


def update_rows(work: Work, table: sa.Table, rows: Rows, *, within: AreaScope) -> None:
    """Update rows by id; all rows name the same columns.

    In a table with versions each row names the one that was read. ConcurrentChange if a row has moved on or gone.
    """
    if not rows:
        return
    changes = [f"{name} = n.{name}" for name in rows[0] if name not in ("id", "version")]
    unmoved = ""
    if "version" in table.c:
        changes.append("version = t.version + 1")
        unmoved = "and t.version = n.version"
    statement = sa.text(
        f"update {table.name} t set {', '.join(changes)}"
        f" from jsonb_populate_recordset(null::{table.name}, cast(:rows as jsonb)) n"
        f" where t.id = n.id {unmoved} and t.area_code >= :lower and t.area_code < :upper"
    )
    told = json.dumps(list(rows), default=_plain)
    done = work.connection.execute(statement, {"rows": told, "lower": within.code, "upper": within.upper})
    if done.rowcount != len(rows):
        raise ConcurrentChange(table.name)


def _plain(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(type(value).__name__)
