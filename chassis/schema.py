"""The tables that every service's database has beside the service's own."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, OID, TIMESTAMP, UUID

metadata = sa.MetaData()
moment = TIMESTAMP(timezone=True)
now = sa.text("now()")
PARTITION_MAKERS = Path(__file__).parent / "sql" / "0002_outbox_partitions.sql"

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
    sa.Column("stream_oid", OID),
    sa.Column("timeline", sa.Integer),
    sa.Column("system_identifier", sa.BigInteger),
)
"""Raised when a database is restored; consumers then start that source's streams anew. Beside the number stands the
fingerprint of the database that it was given in."""

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
    sa.Column("event_id", UUID, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("traceparent", sa.Text),
    sa.Column("created_at", moment, primary_key=True, server_default=sa.text("clock_timestamp()")),
    postgresql_partition_by="range (created_at)",
)
"""The replay log, of which no row is ever changed: a partition for each month. In each partition (subject, epoch, sequence) and
event_id are unique. `created_at` is taken after the stream's lock, so a subject's events lie in the months in order."""


@sa.event.listens_for(outbox, "after_create")
def _make_partitions(_table: sa.Table, connection: sa.Connection, **_: object) -> None:
    connection.exec_driver_sql(PARTITION_MAKERS.read_text())
    connection.exec_driver_sql("select make_outbox_partitions(13)")


outbox_unsent = sa.Table(
    "outbox_unsent",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("created_at", moment, nullable=False),
)
"""Which rows of the outbox the broker has not confirmed. A row of this is small, so that marking an event sent does not
write the event a second time; `created_at` tells its month."""

outbox_archived = sa.Table(
    "outbox_archived",
    metadata,
    sa.Column("month", sa.Date, primary_key=True),
    sa.Column("events", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("last_id", sa.BigInteger, nullable=False),
    sa.Column("at", moment, nullable=False, server_default=now),
)
"""Months that left the outbox for the archive: whoever reads the whole log knows by it which files there must be."""

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
    sa.Column("asked_at", moment),
    sa.CheckConstraint("state in ('ahead', 'retry', 'not_yet', 'parked')"),
    sa.Index("inbox_due", "due_at", postgresql_where=sa.text("due_at is not null")),
    sa.Index("inbox_waits_for", "waits_for", postgresql_where=sa.text("waits_for is not null")),
)

inbox_skipped = sa.Table(
    "inbox_skipped",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("epoch", sa.Integer, primary_key=True),
    sa.Column("sequence", sa.BigInteger, primary_key=True),
    sa.Column("event_id", UUID, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", moment, nullable=False, server_default=now),
)
"""Tombstones: events that an operator let be passed over, by whom and why."""

inbox_diverged = sa.Table(
    "inbox_diverged",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("kept_epoch", sa.Integer, nullable=False),
    sa.Column("kept_sequence", sa.BigInteger, nullable=False),
    sa.Column("applied_epoch", sa.Integer, primary_key=True),
    sa.Column("applied_sequence", sa.BigInteger, nullable=False),
    sa.Column("at", moment, nullable=False, server_default=now),
)
"""What was applied here though the source, restored from a backup, no longer knows it."""

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
APPEND_ONLY = ("audit", "inbox_skipped", "outbox")
