"""The modes that rules are in, exemptions, and what a verdict needs to be judged anew."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Filled with the capability that needs it."""
