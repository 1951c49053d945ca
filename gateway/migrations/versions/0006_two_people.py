"""What waits for a second person, and access in an emergency."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

from chassis.migrating import app_role, scope_by_area

revision = "0006"
down_revision = "0005"

moment = TIMESTAMP(timezone=True)


def upgrade() -> None:
    _approvals()
    _emergencies()
    scope_by_area("approval", "emergency")
    role = app_role()
    op.execute(f'grant select, insert, update on approval, emergency to "{role}"')
    op.execute(f'grant delete on approval to "{role}"')


def _approvals() -> None:
    op.create_table(
        "approval",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("actor_id", sa.Text, nullable=False),
        sa.Column("people", ARRAY(sa.Text), nullable=False),
        sa.Column("area_code", sa.Text(collation="C"), nullable=False),
        sa.Column("second_roles", ARRAY(sa.Text), nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("body_digest", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("sealed_says", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("until", moment, nullable=False),
        sa.Column("due_at", moment),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", moment),
        sa.Column("sealed_because", sa.LargeBinary),
        sa.Column("finished_at", moment),
        sa.Column("decision_id", UUID),
        sa.Column("answer", JSONB),
        sa.Column("refusal", JSONB),
        sa.UniqueConstraint("actor_id", "idempotency_key"),
        sa.CheckConstraint(
            "state in ('waiting', 'approved', 'done', 'refused', 'declined', 'taken_back', 'expired')"
        ),
        sa.CheckConstraint("decided_by is null or decided_by <> all(people)", name="decided_by_somebody_else"),
        sa.CheckConstraint("(state in ('waiting', 'approved')) = (finished_at is null)", name="finished_once_over"),
        sa.CheckConstraint("(sealed is null) = (finished_at is not null)", name="sealed_while_it_waits"),
    )
    waiting = sa.text("state in ('waiting', 'approved')")
    op.create_index("approval_open", "approval", ["state", "until"], postgresql_where=waiting)
    op.create_index("approval_finished", "approval", ["finished_at"])


def _emergencies() -> None:
    op.create_table(
        "emergency",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("people", ARRAY(sa.Text), nullable=False),
        sa.Column("rank", sa.SmallInteger, nullable=False),
        sa.Column("area_code", sa.Text(collation="C"), nullable=False),
        sa.Column("opened_area", sa.Text(collation="C"), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("sealed_account", sa.LargeBinary, nullable=False),
        sa.Column("began_at", moment, nullable=False),
        sa.Column("until", moment, nullable=False),
        sa.Column("ended_at", moment),
        sa.Column("ended_by", sa.Text),
        sa.Column("finding", sa.Text),
        sa.Column("reviewed_by", sa.Text),
        sa.Column("reviewed_at", moment),
        sa.Column("sealed_review", sa.LargeBinary),
        sa.CheckConstraint(
            "until > began_at and until <= began_at + interval '4 hours'", name="four_hours_at_most"
        ),
        sa.CheckConstraint("ended_at is null or ended_at between began_at and until", name="ends_in_its_time"),
        sa.CheckConstraint("finding is null or finding in ('justified', 'not_justified')"),
        sa.CheckConstraint("(finding is null) = (reviewed_by is null)", name="found_by_somebody"),
        sa.CheckConstraint("reviewed_by is null or reviewed_by <> all(people)", name="reviewed_by_somebody_else"),
    )
    op.create_index("emergency_account", "emergency", ["account_id", "until"])
    op.create_index("emergency_unreviewed", "emergency", ["until"], postgresql_where=sa.text("finding is null"))
