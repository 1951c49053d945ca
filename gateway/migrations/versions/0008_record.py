"""Which front doors live, so that they can share an allowance."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

from chassis.migrating import grant_to_app

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "replica",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("seen_at", TIMESTAMP(timezone=True), nullable=False),
    )
    grant_to_app("replica")
