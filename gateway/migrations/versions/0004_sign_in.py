"""Second factors, delegations, codes and cards, and where a session came from."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Filled with the capability that needs it."""
