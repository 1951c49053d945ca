"""Identities at the county's own provider, and keys of partners with their scopes."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Filled with the capability that needs it."""
