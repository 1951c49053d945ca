"""Notices, who read them, and messages."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

from chassis.migrating import create_chassis_tables, grant_to_app, scope_by_area

revision = "0001"
down_revision = None
moment = TIMESTAMP(timezone=True)


def upgrade() -> None:
    create_chassis_tables()
    _notices()
    _messages()
    scope_by_area("notice", "notice_reading", "message")
    grant_to_app()


def _area() -> sa.Column[str]:
    return sa.Column("area_code", sa.Text(collation="C"), nullable=False)


def _notices() -> None:
    op.create_table(
        "notice",
        sa.Column("notice_id", UUID, primary_key=True),
        sa.Column("event_id", UUID, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("recipient_kind", sa.Text, nullable=False),
        sa.Column("recipient_key", sa.Text, nullable=False),
        sa.Column("recipient_id", UUID),
        sa.Column("recipient_role", sa.Text),
        _area(),
        sa.Column("about", UUID),
        sa.Column("created_at", moment, nullable=False),
        sa.UniqueConstraint("event_id", "rule", "recipient_key", name="notice_once"),
    )
    op.create_index("notice_person", "notice", ["recipient_id", "notice_id"])
    op.create_index("notice_office", "notice", ["recipient_role", "area_code", "notice_id"])
    op.create_table(
        "notice_reading",
        sa.Column("notice_id", UUID, sa.ForeignKey("notice.notice_id"), primary_key=True),
        sa.Column("reader_id", sa.Text, primary_key=True),
        sa.Column("read_at", moment, nullable=False),
        _area(),
    )


def _messages() -> None:
    op.create_table(
        "message",
        sa.Column("message_id", UUID, primary_key=True),
        sa.Column("event_id", UUID, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("recipient_kind", sa.Text, nullable=False),
        sa.Column("recipient_id", UUID, nullable=False),
        _area(),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="queued"),
        sa.Column("in_hand", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("reason", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("settled_on", sa.Date),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.UniqueConstraint("event_id", "rule", "recipient_kind", "recipient_id", name="message_once"),
        sa.CheckConstraint("state in ('queued', 'delivered', 'withheld', 'failed')", name="message_state"),
    )
    op.create_index("message_area", "message", ["area_code", "message_id"])
    op.create_index("message_queued", "message", ["recipient_id"], postgresql_where=sa.text("state = 'queued'"))
