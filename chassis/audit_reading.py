"""What a service answers when it is asked for its record."""

import operator
from typing import Any

import sqlalchemy as sa

from chassis.schema import audit
from chassis.work import Work
from contracts.actor import Role
from contracts.record import ReadRecord, RecordPage, RecordRow


def read_record(work: Work, query: ReadRecord) -> RecordPage:
    """To an auditor, what was done by people of their area; to a family, who looked at its file or gave out a way
    into its account, as roles only."""
    openly = work.actor.has(Role.AUDITOR)
    if not openly and work.actor.subject_id is None:
        return RecordPage(items=())
    asked = sa.select(audit).where(*(_of_area(work) if openly else _of_own(work)), *_filters(query))
    rows = work.connection.execute(asked.order_by(audit.c.id.desc()).limit(query.limit))
    return RecordPage(items=tuple(_row(row, openly=openly) for row in rows))


def _of_area(work: Work) -> tuple[sa.ColumnElement[bool], ...]:
    scope = work.scope
    return audit.c.area >= scope.code, audit.c.area < scope.upper


def _of_own(work: Work) -> tuple[sa.ColumnElement[bool], ...]:
    return (audit.c.about.in_((str(work.actor.subject_id), work.actor.id)),)


def _filters(query: ReadRecord) -> list[sa.ColumnElement[bool]]:
    told = (
        (audit.c.about, operator.eq, None if query.about is None else str(query.about)),
        (audit.c.actor_id, operator.eq, query.actor),
        (audit.c.what, operator.eq, query.what),
        (audit.c.decision_id, operator.eq, query.decision),
        (audit.c.at, operator.ge, query.since),
        (audit.c.at, operator.lt, query.until),
        (audit.c.id, operator.lt, query.before),
    )
    return [compare(column, value) for column, compare, value in told if value is not None]


def _row(row: sa.Row[Any], *, openly: bool) -> RecordRow:
    roles, *others = row.roles.split(" ")
    more = {"actor_id": row.actor_id, "area_code": row.area, "about": row.about, "decision_id": row.decision_id}
    beside = dict(zip(others[::2], others[1::2], strict=False))
    more |= {"on_behalf_of": beside.get("for"), "assisted_by": beside.get("with")}
    return RecordRow(
        number=row.id,
        at=row.at,
        roles=tuple(roles.split(",")) if roles else (),
        purpose=row.purpose,
        what=row.what,
        outcome=row.outcome,
        **(more if openly else {}),
    )
