"""What waits for a second person, and access in an emergency."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Filled with the capability that needs it."""
