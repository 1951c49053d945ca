"""The tables of the office: accounts, their sessions, and who else may sign in as one."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP, UUID

metadata = sa.MetaData()
moment = TIMESTAMP(timezone=True)
now = sa.text("now()")

account = sa.Table(
    "account",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("username", sa.Text, nullable=False, unique=True),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("roles", ARRAY(sa.Text), nullable=False),
    sa.Column("area_code", sa.Text(collation="C"), nullable=False),
    sa.Column("subject_id", UUID),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("locked_until", moment),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("created_at", moment, nullable=False, server_default=now),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.CheckConstraint("not roles @> array['operator', 'auditor']", name="operator_is_no_auditor"),
)
"""`attempts`: sign-ins tried since the last that succeeded; counted before the password is looked at."""

session = sa.Table(
    "session",
    metadata,
    sa.Column("jti", UUID, primary_key=True),
    sa.Column("account_id", UUID, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("issued_at", moment, nullable=False),
    sa.Column("expires_at", moment, nullable=False),
    sa.Column("seen_at", moment, nullable=False),
    sa.Column("ended_at", moment),
    sa.Index("session_account", "account_id"),
    sa.Index("session_over", "expires_at"),
)

identity = sa.Table(
    "identity",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("account_id", UUID, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("linked_at", moment, nullable=False, server_default=now),
    sa.UniqueConstraint("issuer", "subject"),
    sa.Index("identity_account", "account_id"),
)
"""Who an account is at the county's own identity provider."""

oidc_return = sa.Table(
    "oidc_return",
    metadata,
    sa.Column("state_digest", sa.LargeBinary, primary_key=True),
    sa.Column("expires_at", moment, nullable=False),
    sa.Index("oidc_return_over", "expires_at"),
)
"""Sign-ins that came back from the provider already, until they would have expired anyway: each comes back once."""

partner_key = sa.Table(
    "partner_key",
    metadata,
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
    sa.Index("partner_key_account", "account_id"),
)
"""`prefix` finds it, `digest` proves it. `ends_at`: revoked, or replaced by a newer one, from then on."""
