"""The tables that every service's database has beside the service's own."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

metadata = sa.MetaData()
moment = TIMESTAMP(timezone=True)
now = sa.text("now()")

stream = sa.Table(
    "stream",
    metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)
"""The last sequence given out, per subject: its row lock makes sequence equal commit order."""

epoch = sa.Table(
    "epoch",
    metadata,
    sa.Column("singleton", sa.Boolean, sa.CheckConstraint("singleton"), primary_key=True, server_default=sa.true()),
    sa.Column("number", sa.Integer, nullable=False),
)
"""Raised when a database is restored; consumers then start that source's streams anew."""

installation = sa.Table(
    "installation",
    metadata,
    sa.Column("singleton", sa.Boolean, sa.CheckConstraint("singleton"), primary_key=True, server_default=sa.true()),
    sa.Column("secret_check", sa.LargeBinary, nullable=False),
)
"""Tells whether this database was filled under the secret that is in use now."""

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("event_id", UUID, nullable=False, unique=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("traceparent", sa.Text),
    sa.Column("created_at", moment, nullable=False, server_default=now),
    sa.Column("sent_at", moment),
    sa.UniqueConstraint("subject", "sequence"),
    sa.Index("outbox_unsent", "id", postgresql_where=sa.text("sent_at is null")),
)
"""Sent rows stay: they are the replay log."""

inbox_cursor = sa.Table(
    "inbox_cursor",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("epoch", sa.Integer, nullable=False, server_default="1"),
    sa.Column("sequence", sa.BigInteger, nullable=False, server_default="0"),
)
"""How far each subject was applied. Never expires: there is no window for duplicates."""

inbox_waiting = sa.Table(
    "inbox_waiting",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("epoch", sa.Integer, primary_key=True),
    sa.Column("sequence", sa.BigInteger, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("due_at", moment),
    sa.Column("waits_for", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("since", moment, nullable=False, server_default=now),
    sa.CheckConstraint("state in ('ahead', 'retry', 'not_yet', 'parked')"),
    sa.Index("inbox_due", "due_at", postgresql_where=sa.text("due_at is not null")),
    sa.Index("inbox_waits_for", "waits_for", postgresql_where=sa.text("waits_for is not null")),
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("actor_id", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("body_hash", sa.Text, nullable=False),
    sa.Column("answer", JSONB),
    sa.Column("created_at", moment, nullable=False, server_default=now),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("at", moment, nullable=False),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("area", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("about", sa.Text),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("decision_id", UUID),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Index("audit_about", "about", "id"),
)

audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("singleton", sa.Boolean, sa.CheckConstraint("singleton"), primary_key=True, server_default=sa.true()),
    sa.Column("id", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)

job = sa.Table(
    "job",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("args", JSONB, nullable=False),
    sa.Column("actor", JSONB, nullable=False),
    sa.Column("causation", sa.Text),
    sa.Column("decision_id", UUID),
    sa.Column("traceparent", sa.Text),
    sa.Column("state", sa.Text, nullable=False, server_default="queued"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("run_at", moment, nullable=False, server_default=now),
    sa.Column("created_at", moment, nullable=False, server_default=now),
    sa.Column("finished_at", moment),
    sa.Column("error", sa.Text),
    sa.CheckConstraint("state in ('queued', 'running', 'done', 'failed')"),
    sa.Index("job_open", "run_at", postgresql_where=sa.text("state in ('queued', 'running')")),
)
APPEND_ONLY = ("audit",)
