"""The ground every database has, and what measure keeps.

entity: what is counted, locked by whoever folds it. fact: what was so, from when, and since when it is known; never changed.
contrib: what each entity adds to each figure. agg: the figures, sums of contributions per village. due: when time alone
next changes an entity. admission_fact: what admission rules may look up about one. Codes sort in byte order, so that
ranges of area codes and the order of locks mean the same everywhere.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

from chassis.migrating import create_chassis_tables, grant_to_app, scope_by_area

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def code(name: str, key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(collation="C"), primary_key=key, nullable=False)


def entity(key: bool) -> sa.Column[Any]:
    return sa.Column(
        "entity", sa.Text(collation="C"), sa.ForeignKey("entity.entity"), primary_key=key, nullable=False
    )


def upgrade() -> None:
    create_chassis_tables()
    op.create_table("entity", code("entity", key=True), code("area_code"))
    op.create_table(
        "fact",
        sa.Column("position", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        entity(key=False),
        code("area_code"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("valid_on", sa.Date, nullable=False),
        sa.Column("recorded_at", TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("event_id", UUID, nullable=False),
        sa.Column("data", JSONB, nullable=False),
        sa.UniqueConstraint("entity", "event_id"),
    )
    cell = ("indicator", "period", "breakdown", "area_code")
    op.create_table("contrib", entity(key=True), *(code(name, key=True) for name in cell), *amount())
    op.create_index("contrib_of_cell", "contrib", [*cell, "entity"])
    op.create_table("agg", *(code(name, key=True) for name in cell), *amount())
    op.create_table("due", entity(key=True), code("area_code"), sa.Column("at", sa.Date, nullable=False))
    op.create_index("due_at", "due", ["at"])
    op.create_table(
        "admission_fact", entity(key=True), code("area_code"), sa.Column("known", JSONB, nullable=False)
    )
    scope_by_area("entity", "fact", "contrib", "agg", "due", "admission_fact")
    grant_to_app()


def amount() -> list[sa.Column[Any]]:
    return [sa.Column("num", sa.BigInteger, nullable=False), sa.Column("den", sa.BigInteger)]
