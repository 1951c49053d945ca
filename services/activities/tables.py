"""The tables of activities."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

metadata = sa.MetaData()


def _area() -> sa.Column[str]:
    return sa.Column("area_code", sa.Text(collation="C"), nullable=False)


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer, nullable=False, server_default="1")


programme = sa.Table(
    "programme",
    metadata,
    sa.Column("programme_id", UUID, primary_key=True),
    sa.Column("carrier", sa.Text, nullable=False, unique=True),
    sa.Column("name_en", sa.Text, nullable=False),
    sa.Column("name_zh", sa.Text, nullable=False),
    sa.Column("strands", JSONB, nullable=False),
    sa.Column("lead_unit", sa.Text, nullable=False),
    sa.Column("implementing_units", ARRAY(sa.Text), nullable=False),
    _version(),
)
"""The county's carriers: they hold no family, and every village sees them."""

plan = sa.Table(
    "plan",
    metadata,
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
    sa.Index(
        "plan_open_once",
        "carrier",
        "area_code",
        "year",
        unique=True,
        postgresql_where=sa.text("state in ('draft', 'active')"),
    ),
)

plan_change = sa.Table(
    "plan_change",
    metadata,
    sa.Column("plan_id", UUID, sa.ForeignKey("plan.plan_id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    _area(),
    sa.Column("fields", ARRAY(sa.Text), nullable=False),
    sa.Column("roles", ARRAY(sa.Text), nullable=False),
    sa.Column("changed_at", TIMESTAMP(timezone=True), nullable=False),
)
"""What each version of a plan changed, for an editor who saw an earlier one: names of fields and roles, no values."""

known_household = sa.Table(
    "known_household",
    metadata,
    sa.Column("household_id", UUID, primary_key=True),
    _area(),
)

known_consent = sa.Table(
    "known_consent",
    metadata,
    sa.Column("household_id", UUID, primary_key=True),
    sa.Column("given_on", sa.Date, primary_key=True),
    sa.Column("ended_on", sa.Date),
    _area(),
)
"""Spans of consent to visits, so that a late report is judged by the day of the visit."""

known_match = sa.Table(
    "known_match",
    metadata,
    sa.Column("match_id", UUID, primary_key=True),
    sa.Column("household_id", UUID, nullable=False),
    sa.Column("helper_id", UUID, nullable=False),
    sa.Column("rhythm", sa.Text),
    sa.Column("started_on", sa.Date, nullable=False),
    sa.Column("ended_on", sa.Date),
    _area(),
    sa.Index("known_match_household", "household_id"),
    sa.Index("known_match_helper", "helper_id"),
)

visit = sa.Table(
    "visit",
    metadata,
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
    sa.Index("visit_household", "household_id", "visit_id"),
    sa.Index("visit_area", "area_code", "visit_id"),
)
