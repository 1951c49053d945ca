"""What each version of a plan changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP, UUID

from chassis.migrating import app_role, grant_to_app, scope_by_area

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "plan_change",
        sa.Column("plan_id", UUID, sa.ForeignKey("plan.plan_id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("area_code", sa.Text(collation="C"), nullable=False),
        sa.Column("fields", ARRAY(sa.Text), nullable=False),
        sa.Column("roles", ARRAY(sa.Text), nullable=False),
        sa.Column("changed_at", TIMESTAMP(timezone=True), nullable=False),
    )
    scope_by_area("plan_change")
    grant_to_app("plan_change")
    op.execute(f'revoke update, delete on plan_change from "{app_role()}"')
