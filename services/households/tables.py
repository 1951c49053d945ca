"""The tables of the households service. What is personal is sealed from the first row on."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

metadata = sa.MetaData()
moment = TIMESTAMP(timezone=True)
codes = ARRAY(sa.Text)


def _area_code() -> sa.Column[str]:
    return sa.Column("area_code", sa.Text(collation="C"), nullable=False)


def _of_household() -> sa.Column[object]:
    return sa.Column("household_id", UUID, sa.ForeignKey("household.id"), nullable=False)


area = sa.Table(
    "area",
    metadata,
    sa.Column("area_code", sa.Text(collation="C"), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("parent_code", sa.Text(collation="C")),
)
"""An area lies in itself: its code is also what row security asks for."""

survey_import = sa.Table(
    "survey_import",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    _area_code(),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("file_id", UUID, nullable=False),
    sa.Column("round_year", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("refused_code", sa.Text),
    sa.Column("rows", sa.Integer, nullable=False, server_default="0"),
    sa.Column("persons", sa.Integer, nullable=False, server_default="0"),
    sa.Column("households_valid", sa.Integer, nullable=False, server_default="0"),
    sa.Column("households_invalid", sa.Integer, nullable=False, server_default="0"),
    sa.Column("households_stored", sa.Integer, nullable=False, server_default="0"),
    sa.Column("persons_stored", sa.Integer, nullable=False, server_default="0"),
    sa.Column("unchanged", sa.Integer, nullable=False, server_default="0"),
    sa.Column("problems", JSONB, nullable=False, server_default="[]"),
    sa.Column("created_at", moment, nullable=False, server_default=sa.text("now()")),
)
"""Problems are places and codes; what stands in the cells stays in the sealed file."""

household = sa.Table(
    "household",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    _area_code(),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("number", sa.Text(collation="C"), nullable=False, unique=True),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("registered_on", sa.Date, nullable=False),
    sa.Column("round_year", sa.Integer, nullable=False),
    sa.Column("surveyed_on", sa.Date, nullable=False),
    sa.Column("declared", codes, nullable=False),
    sa.Column("derived", codes, nullable=False),
    sa.Column("has_minor", sa.Boolean, nullable=False),
    sa.Column("members", sa.Integer, nullable=False),
    sa.Column("archive_complete", sa.Boolean, nullable=False),
    sa.Column("missing", codes, nullable=False),
    sa.Column("next_change_on", sa.Date),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("key_id", UUID, nullable=False),
    sa.Column("sealed_restricted", sa.LargeBinary),
    sa.Column("helper_id", UUID),
    sa.Column("match_id", UUID),
    sa.Column("last_visited_on", sa.Date),
    sa.UniqueConstraint("area_code", "sequence"),
    sa.Index("household_next_change", "next_change_on"),
)
"""`declared` and `derived` are codes as others may know them; which loss `restricted` means is sealed with the
head's key. `digest` is a keyed hash of what the last survey said: equal means unchanged."""

person_key = sa.Table(
    "person_key",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    _area_code(),
    sa.Column("wrapping_version", sa.Integer, nullable=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
)
"""Destroying a person's key erases the person."""

SEALED = ("sealed_name", "sealed_id_number", "sealed_birth", "sealed_phone", "sealed_facts", "sealed_details")


def _sealed_columns() -> list[sa.Column[bytes]]:
    return [sa.Column(name, sa.LargeBinary, nullable=name == "sealed_phone") for name in SEALED]


person = sa.Table(
    "person",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    _of_household(),
    _area_code(),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("relation", sa.Text, nullable=False),
    sa.Column("sex", sa.Text),
    sa.Column("key_id", UUID, nullable=False),
    *_sealed_columns(),
    sa.Column("id_number_index", sa.LargeBinary, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("left_on", sa.Date),
    sa.Index("person_household", "household_id", "ordinal"),
    sa.Index("person_id_number", "id_number_index", unique=True, postgresql_where=sa.text("left_on is null")),
)
"""Nobody is a member of two households at once: the blind index of the number is unique while they are listed."""

person_history = sa.Table(
    "person_history",
    metadata,
    sa.Column("person_id", UUID, sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("until", moment, primary_key=True),
    _area_code(),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("relation", sa.Text, nullable=False),
    sa.Column("sex", sa.Text),
    *_sealed_columns(),
)
"""What was known before: the sealed columns as they were, which open for the same person and place."""

consent = sa.Table(
    "consent",
    metadata,
    sa.Column("household_id", UUID, sa.ForeignKey("household.id"), primary_key=True),
    sa.Column("purpose", sa.Text, primary_key=True),
    sa.Column("id", UUID, nullable=False, unique=True),
    _area_code(),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("answered_on", sa.Date, nullable=False),
    sa.Column("withdrawn_on", sa.Date),
    sa.Column("given_by", UUID),
    sa.Column("guardian_verified", sa.Boolean, nullable=False),
    sa.Column("covers_children", sa.Boolean, nullable=False),
    sa.Column("said_in", sa.Text, nullable=False),
)

consent_history = sa.Table(
    "consent_history",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    _of_household(),
    _area_code(),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("said_on", sa.Date, nullable=False),
    sa.Column("said_in", sa.Text, nullable=False),
    sa.Column("counts", sa.Boolean, nullable=False),
    sa.Column("at", moment, nullable=False),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Index("consent_history_household", "household_id", "at"),
)
"""Everything that was ever said about consent, also what came too late to count."""

survey_answer = sa.Table(
    "survey_answer",
    metadata,
    sa.Column("household_id", UUID, sa.ForeignKey("household.id"), primary_key=True),
    sa.Column("round_year", sa.Integer, primary_key=True),
    _area_code(),
    sa.Column("surveyed_on", sa.Date, nullable=False),
    sa.Column("declined", sa.Boolean, nullable=False),
    sa.Column("archive_complete", sa.Boolean, nullable=False),
    sa.Column("missing", codes, nullable=False),
    sa.Column("import_id", UUID, nullable=False),
)

need = sa.Table(
    "need",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    _of_household(),
    _area_code(),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("opened_on", sa.Date, nullable=False),
    sa.Column("key_id", UUID, nullable=False),
    sa.Column("sealed_what", sa.LargeBinary, nullable=False),
    sa.Column("what_index", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("household_id", "what_index"),
)
"""What a family said it needs, in its own words, sealed with the head's key."""

case_history = sa.Table(
    "case_history",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    _of_household(),
    _area_code(),
    sa.Column("at", moment, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Index("case_history_household", "household_id", "at", "id"),
)

pair = sa.Table(
    "pair",
    metadata,
    sa.Column("match_id", UUID, primary_key=True),
    _of_household(),
    _area_code(),
    sa.Column("helper_id", UUID, nullable=False),
    sa.Column("started_on", sa.Date, nullable=False),
    sa.Column("ended_on", sa.Date),
    sa.Index("pair_household", "household_id"),
)
"""Who stands, or stood, by a household: the file shows the newest that is not over, whatever order news comes in."""
