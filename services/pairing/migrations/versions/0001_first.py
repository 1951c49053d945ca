"""The pairing service's tables as they were first."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from chassis.migrating import create_chassis_tables, grant_to_app, scope_by_area

revision = "0001"
down_revision = None

metadata = sa.MetaData()
codes = ARRAY(sa.Text)
text_c = sa.Text(collation="C")


def _area_code() -> sa.Column[str]:
    return sa.Column("area_code", text_c, nullable=False)


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer, nullable=False, server_default="1")


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


helper = sa.Table(
    "helper",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    _area_code(),
    _version(),
    sa.Column("number", text_c, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("capacity", sa.Integer, nullable=False),
    sa.Column("cleared_on", sa.Date),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("successor_number", sa.Text),
    sa.Column("availability", sa.Text, nullable=False),
    sa.Column("skills", codes, nullable=False),
    sa.Column("languages", codes, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("registered_on", sa.Date, nullable=False),
    sa.Column("leaves_on", sa.Date),
    sa.Column("leave_reason", sa.Text),
    sa.Column("left_on", sa.Date),
    sa.Column("key_id", UUID, nullable=False),
    sa.Column("sealed_name", sa.LargeBinary, nullable=False),
    sa.Column("sealed_id_number", sa.LargeBinary, nullable=False),
    sa.Column("sealed_phone", sa.LargeBinary),
    sa.Column("id_number_index", sa.LargeBinary, nullable=False, unique=True),
    sa.Index("helper_place", "area_code", "number"),
    sa.Index("helper_leaving", "leaves_on", postgresql_where=sa.text("active and leaves_on is not null")),
)

helper_key = sa.Table(
    "helper_key",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    _area_code(),
    sa.Column("wrapping_version", sa.Integer, nullable=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
)

helper_import = sa.Table(
    "helper_import",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    _area_code(),
    _version(),
    sa.Column("file_id", UUID, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("refused_code", sa.Text),
    _count("rows"),
    _count("valid"),
    _count("slots"),
    _count("stored"),
    _count("unchanged"),
    sa.Column("problems", JSONB, nullable=False, server_default="[]"),
)

household_care = sa.Table(
    "household_care",
    metadata,
    sa.Column("household_id", UUID, primary_key=True),
    _area_code(),
    _version(),
    sa.Column("number", text_c, nullable=False),
    sa.Column("categories", codes, nullable=False),
    sa.Column("has_minor", sa.Boolean, nullable=False),
    sa.Column("pairing_consent", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("enrolled", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Index("household_care_place", "area_code", "number"),
)

match_round = sa.Table(
    "match_round",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    _area_code(),
    _version(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("opened_on", sa.Date, nullable=False),
    _count("proposed"),
    _count("unserved"),
    sa.Column("cost", sa.Numeric(60, 0), nullable=False, server_default="0"),
)

match = sa.Table(
    "match",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    _area_code(),
    _version(),
    sa.Column("round_id", UUID, sa.ForeignKey("match_round.id"), nullable=False),
    sa.Column("household_id", UUID, sa.ForeignKey("household_care.household_id"), nullable=False),
    sa.Column("household_number", text_c, nullable=False),
    sa.Column("helper_id", UUID, sa.ForeignKey("helper.id"), nullable=False),
    sa.Column("helper_number", text_c, nullable=False),
    sa.Column("helper_kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("cost", sa.Numeric(60, 0), nullable=False),
    sa.Column("reasons", codes, nullable=False),
    sa.Column("replaces", UUID, sa.ForeignKey("match.id")),
    sa.Column("rhythm", sa.Text),
    sa.Column("proposed_on", sa.Date, nullable=False),
    sa.Column("answer_by", sa.Date, nullable=False),
    sa.Column("helper_accepted_on", sa.Date),
    sa.Column("started_on", sa.Date),
    sa.Column("closed_on", sa.Date),
    sa.Column("closing_reason", sa.Text),
    sa.Index("match_list", "household_number", "id"),
    sa.Index("match_helper", "helper_id", "state"),
    sa.Index("match_household", "household_id", "state"),
    sa.Index(
        "match_standing",
        "household_id",
        unique=True,
        postgresql_where=sa.text("state in ('proposed', 'helper_accepted', 'active')"),
    ),
)


def upgrade() -> None:
    create_chassis_tables()
    metadata.create_all(op.get_bind())
    scope_by_area(*metadata.tables)
    grant_to_app()
