"""The tables of the front door: accounts, their sessions, verdicts, and commands kept for a service that is away."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

metadata = sa.MetaData()
moment = TIMESTAMP(timezone=True)
now = sa.text("now()")
waiting = sa.text("state = 'waiting'")

account = sa.Table(
    "account",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("username", sa.Text, nullable=False, unique=True),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("roles", ARRAY(sa.Text), nullable=False),
    sa.Column("area_code", sa.Text(collation="C"), nullable=False),
    sa.Column("subject_id", UUID),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("locked_until", moment),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("created_at", moment, nullable=False, server_default=now),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.CheckConstraint("not roles @> array['operator', 'auditor']", name="operator_is_no_auditor"),
)
"""`attempts`: sign-ins tried since the last that succeeded; counted before the password is looked at."""

session = sa.Table(
    "session",
    metadata,
    sa.Column("jti", UUID, primary_key=True),
    sa.Column("account_id", UUID, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("issued_at", moment, nullable=False),
    sa.Column("expires_at", moment, nullable=False),
    sa.Column("seen_at", moment, nullable=False),
    sa.Column("ended_at", moment),
    sa.Index("session_account", "account_id"),
    sa.Index("session_over", "expires_at"),
)

verdict = sa.Table(
    "verdict",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("at", moment, nullable=False),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("area_code", sa.Text(collation="C"), nullable=False),
    sa.Column("command", sa.Text, nullable=False),
    sa.Column("resource", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("rules", JSONB, nullable=False),
    sa.Column("named_values", JSONB, nullable=False),
    sa.Column("body_digest", sa.LargeBinary, nullable=False),
    sa.Column("ruleset_version", sa.Text, nullable=False),
    sa.Index("verdict_at", "at"),
)
"""Every judgement, denials too. `named_values` are the fields that rules name, so that it can be replayed."""

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
