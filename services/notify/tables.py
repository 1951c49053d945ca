"""The tables of notify: ids, codes and states; no phone number and no text."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

metadata = sa.MetaData()
moment = TIMESTAMP(timezone=True)


def _area() -> sa.Column[str]:
    return sa.Column("area_code", sa.Text(collation="C"), nullable=False)


notice = sa.Table(
    "notice",
    metadata,
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
    sa.Index("notice_person", "recipient_id", "notice_id"),
    sa.Index("notice_office", "recipient_role", "area_code", "notice_id"),
)
"""A notice never changes; who has read it stands beside it."""

notice_reading = sa.Table(
    "notice_reading",
    metadata,
    sa.Column("notice_id", UUID, sa.ForeignKey("notice.notice_id"), primary_key=True),
    sa.Column("reader_id", sa.Text, primary_key=True),
    sa.Column("read_at", moment, nullable=False),
    _area(),
)
"""One officer's reading does not hide a notice from the others of the office."""

message = sa.Table(
    "message",
    metadata,
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
    sa.Index("message_area", "area_code", "message_id"),
    sa.Index("message_queued", "recipient_id", postgresql_where=sa.text("state = 'queued'")),
)
"""`in_hand`: a worker asked for consent just now and is sending; what it may not send again it will find out itself."""
