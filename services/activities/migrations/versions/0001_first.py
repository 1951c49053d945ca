"""Programmes, plans, visits, and what other services told of."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from chassis.migrating import create_chassis_tables, grant_to_app, scope_by_area

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables()
    _programmes_and_plans()
    _known()
    _visits()
    scope_by_area("plan", "known_household", "known_consent", "known_match", "visit")
    grant_to_app()


def _area() -> sa.Column[str]:
    return sa.Column("area_code", sa.Text(collation="C"), nullable=False)


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer, nullable=False, server_default="1")


def _programmes_and_plans() -> None:
    op.create_table(
        "programme",
        sa.Column("programme_id", UUID, primary_key=True),
        sa.Column("carrier", sa.Text, nullable=False, unique=True),
        sa.Column("name_en", sa.Text, nullable=False),
        sa.Column("name_zh", sa.Text, nullable=False),
        sa.Column("strands", JSONB, nullable=False),
        sa.Column("lead_unit", sa.Text, nullable=False),
        sa.Column("implementing_units", ARRAY(sa.Text), nullable=False),
        _version(),
    )
    op.create_table(
        "plan",
        sa.Column("plan_id", UUID, primary_key=True),
        sa.Column("programme_id", UUID, sa.ForeignKey("programme.programme_id"), nullable=False),
        sa.Column("carrier", sa.Text, nullable=False),
        _area(),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="draft"),
        sa.Column("lead_unit", sa.Text),
        sa.Column("implementing_units", ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("deadline", sa.Date),
        sa.Column("budget_line", sa.Text),
        sa.Column("indicators", JSONB, nullable=False, server_default="[]"),
        sa.Column("drafted_on", sa.Date, nullable=False),
        sa.Column("activated_on", sa.Date),
        _version(),
        sa.CheckConstraint("state in ('draft', 'active')", name="plan_state"),
    )
    op.create_index(
        "plan_open_once",
        "plan",
        ["carrier", "area_code", "year"],
        unique=True,
        postgresql_where=sa.text("state in ('draft', 'active')"),
    )


def _known() -> None:
    op.create_table("known_household", sa.Column("household_id", UUID, primary_key=True), _area())
    op.create_table(
        "known_consent",
        sa.Column("household_id", UUID, primary_key=True),
        sa.Column("given_on", sa.Date, primary_key=True),
        sa.Column("ended_on", sa.Date),
        _area(),
    )
    op.create_table(
        "known_match",
        sa.Column("match_id", UUID, primary_key=True),
        sa.Column("household_id", UUID, nullable=False),
        sa.Column("helper_id", UUID, nullable=False),
        sa.Column("rhythm", sa.Text),
        sa.Column("started_on", sa.Date, nullable=False),
        sa.Column("ended_on", sa.Date),
        _area(),
    )
    op.create_index("known_match_household", "known_match", ["household_id"])
    op.create_index("known_match_helper", "known_match", ["helper_id"])


def _visits() -> None:
    op.create_table(
        "visit",
        sa.Column("visit_id", UUID, primary_key=True),
        sa.Column("household_id", UUID, nullable=False),
        sa.Column("match_id", UUID),
        sa.Column("helper_id", UUID),
        _area(),
        sa.Column("visited_on", sa.Date, nullable=False),
        sa.Column("reported_on", sa.Date, nullable=False),
        sa.Column("reported_by", sa.Text, nullable=False),
        sa.Column("channel", sa.Text),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("needs_checked", sa.Boolean),
        sa.Column("consent_ref", UUID),
        sa.Column("flags", ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("note_sealed", sa.LargeBinary),
        sa.Column("note_key", sa.LargeBinary),
        sa.Column("note_key_version", sa.Integer),
        _version(),
    )
    op.create_index("visit_household", "visit", ["household_id", "visit_id"])
    op.create_index("visit_area", "visit", ["area_code", "visit_id"])
