"""Noted roots of the record, and what operators see of the intake."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Filled with the capability that needs it."""
