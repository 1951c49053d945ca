"""Accounts, sessions, verdicts and the intake."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

from chassis.migrating import app_role, grant_to_app

revision = "0002"
down_revision = "0001"

moment = TIMESTAMP(timezone=True)
now = sa.text("now()")


def upgrade() -> None:
    op.create_table(
        "account",
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
    op.create_table(
        "session",
        sa.Column("jti", UUID, primary_key=True),
        sa.Column("account_id", UUID, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("issued_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.Column("ended_at", moment),
    )
    op.create_index("session_account", "session", ["account_id"])
    op.create_index("session_over", "session", ["expires_at"])
    op.create_table(
        "verdict",
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
        sa.CheckConstraint("outcome in ('allow', 'warn', 'deny', 'unavailable')"),
    )
    op.create_index("verdict_at", "verdict", ["at"])
    op.create_table(
        "intake",
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
        sa.CheckConstraint("state in ('waiting', 'delivered', 'refused')"),
        sa.CheckConstraint("(state = 'waiting') = (sealed is not null)", name="sealed_while_waiting"),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index("intake_head", "intake", ["actor_id", "priority", "number"], postgresql_where=waiting)
    op.create_index("intake_about", "intake", ["about"], postgresql_where=waiting)
    op.create_index("intake_finished", "intake", ["finished_at"])
    grant_to_app()
    role = app_role()
    op.execute(f'revoke update on verdict from "{role}"')
    op.execute(f'revoke delete on account from "{role}"')
