"""The table of the door: commands kept for a service that is away."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

metadata = sa.MetaData()
moment = TIMESTAMP(timezone=True)
waiting = sa.text("state = 'waiting'")

replica = sa.Table(
    "replica",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("seen_at", moment, nullable=False),
)
"""The front doors that live, and when each last said so."""

intake = sa.Table(
    "intake",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False, unique=True),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("service", sa.Text, nullable=False),
    sa.Column("command", sa.Text, nullable=False),
    sa.Column("priority", sa.SmallInteger, nullable=False),
    sa.Column("about", sa.LargeBinary),
    sa.Column("idempotency_key", sa.Text, nullable=False),
    sa.Column("body_digest", sa.LargeBinary, nullable=False),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("created_at", moment, nullable=False),
    sa.Column("due_at", moment, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("finished_at", moment),
    sa.Column("answer", JSONB),
    sa.Column("refusal", JSONB),
    sa.UniqueConstraint("actor_id", "idempotency_key"),
    sa.Index("intake_head", "actor_id", "priority", "number", postgresql_where=waiting),
    sa.Index("intake_about", "about", postgresql_where=waiting),
    sa.Index("intake_finished", "finished_at"),
)
"""Commands of law L3 that wait for their service. `number` is their order, `about` a keyed hash of what they concern."""
