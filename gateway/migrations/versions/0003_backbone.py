"""The outbox in months, and what repair and restore keep."""

from chassis.migrating import bring_backbone

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    bring_backbone()
