"""Identities at the county's own provider, and keys of partners with their scopes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP, UUID

from chassis.migrating import app_role, grant_to_app

revision = "0005"
down_revision = "0004"

moment = TIMESTAMP(timezone=True)
now = sa.text("now()")


def upgrade() -> None:
    op.create_table(
        "identity",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("account_id", UUID, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("linked_at", moment, nullable=False, server_default=now),
        sa.UniqueConstraint("issuer", "subject"),
    )
    op.create_index("identity_account", "identity", ["account_id"])
    op.create_table(
        "oidc_return",
        sa.Column("state_digest", sa.LargeBinary, primary_key=True),
        sa.Column("expires_at", moment, nullable=False),
    )
    op.create_index("oidc_return_over", "oidc_return", ["expires_at"])
    op.create_table(
        "partner_key",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("account_id", UUID, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("prefix", sa.Text, nullable=False, unique=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("scopes", ARRAY(sa.Text), nullable=False),
        sa.Column("area_code", sa.Text(collation="C"), nullable=False),
        sa.Column("valid_until", sa.Date, nullable=False),
        sa.Column("made_at", moment, nullable=False, server_default=now),
        sa.Column("used_at", moment),
        sa.Column("ends_at", moment),
        sa.CheckConstraint("cardinality(scopes) > 0", name="partner_key_has_scopes"),
    )
    op.create_index("partner_key_account", "partner_key", ["account_id"])
    grant_to_app("identity", "oidc_return", "partner_key")
    role = app_role()
    op.execute(f'revoke update on identity, oidc_return, partner_key from "{role}"')
    op.execute(f'revoke delete on partner_key from "{role}"')
    op.execute(f'grant update (used_at, ends_at) on partner_key to "{role}"')
