"""Second factors, delegations, codes and cards, and where a session came from."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP, UUID

from chassis.migrating import app_role

revision = "0004"
down_revision = "0003"

moment = TIMESTAMP(timezone=True)
now = sa.text("now()")


def upgrade() -> None:
    _sessions()
    _second_factors()
    _delegations()
    _family_access()
    role = app_role()
    op.execute(
        f'grant select, insert, update on second_factor, recovery_code, delegation, one_time_code, card to "{role}"'
    )
    op.execute(f'grant delete on second_factor, recovery_code, one_time_code to "{role}"')


def account(name: str = "account_id", *, key: bool = False, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, UUID, sa.ForeignKey("account.id"), primary_key=key, nullable=nullable)


def _sessions() -> None:
    op.add_column("session", sa.Column("origin", sa.Text, nullable=False, server_default="password"))
    op.add_column("session", sa.Column("stage", sa.Text, nullable=False, server_default="open"))
    op.add_column("session", sa.Column("second_factor", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("session", account("assisted_by", nullable=True))
    op.create_check_constraint("session_stage", "session", "stage in ('open', 'second_step', 'enrolment')")
    op.create_check_constraint("session_assisted", "session", "(origin = 'assisted') = (assisted_by is not null)")


def _second_factors() -> None:
    op.create_table(
        "second_factor",
        account(key=True),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("confirmed_at", moment),
        sa.Column("last_step", sa.BigInteger),
        sa.Column("pending", sa.LargeBinary),
        sa.Column("pending_until", moment),
        sa.CheckConstraint("(sealed is null) = (confirmed_at is null)", name="confirmed_when_kept"),
    )
    op.create_table(
        "recovery_code",
        account(key=True),
        sa.Column("digest", sa.LargeBinary, primary_key=True, nullable=False),
        sa.Column("used_at", moment),
    )


def _delegations() -> None:
    op.create_table(
        "delegation",
        sa.Column("id", UUID, primary_key=True),
        account("from_id"),
        account("to_id"),
        sa.Column("roles", ARRAY(sa.Text), nullable=False),
        sa.Column("area_code", sa.Text(collation="C"), nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("made_at", moment, nullable=False, server_default=now),
        sa.Column("ended_at", moment),
        account("ended_by", nullable=True),
        sa.CheckConstraint("from_id <> to_id", name="stands_in_for_another"),
        sa.CheckConstraint("first_day <= last_day", name="delegation_days"),
    )
    op.create_index("delegation_from", "delegation", ["from_id"])
    op.create_index("delegation_to", "delegation", ["to_id"])


def _family_access() -> None:
    op.create_table(
        "one_time_code",
        sa.Column("id", UUID, primary_key=True),
        account(),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("issued_by", sa.Text, nullable=False),
        sa.Column("issued_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("guesses", sa.Integer, nullable=False, server_default="0"),
        sa.Column("over_at", moment),
    )
    waiting = sa.text("over_at is null")
    op.create_index("one_time_code_waiting", "one_time_code", ["account_id"], unique=True, postgresql_where=waiting)
    op.create_index("one_time_code_expired", "one_time_code", ["expires_at"])
    op.create_table(
        "card",
        sa.Column("id", UUID, primary_key=True),
        account(),
        sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("pin_hash", sa.Text, nullable=False),
        sa.Column("issued_by", sa.Text, nullable=False),
        sa.Column("issued_at", moment, nullable=False),
        sa.Column("wrong_pins", sa.Integer, nullable=False, server_default="0"),
        sa.Column("revoked_at", moment),
    )
    op.create_index("card_of_account", "card", ["account_id"])
