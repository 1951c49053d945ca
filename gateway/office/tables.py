"""The tables of the office: accounts, their sessions, and who else may sign in as one."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

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
    sa.Column("origin", sa.Text, nullable=False, server_default="password"),
    sa.Column("stage", sa.Text, nullable=False, server_default="open"),
    sa.Column("second_factor", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("assisted_by", UUID, sa.ForeignKey("account.id")),
    sa.Index("session_account", "account_id"),
    sa.Index("session_over", "expires_at"),
    sa.CheckConstraint("stage in ('open', 'second_step', 'enrolment')", name="session_stage"),
    sa.CheckConstraint("(origin = 'assisted') = (assisted_by is not null)", name="session_assisted"),
)
"""`origin`: how it was opened. `stage`: what it may be used for; `second_step` and `enrolment` for nothing else."""

second_factor = sa.Table(
    "second_factor",
    metadata,
    sa.Column("account_id", UUID, sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("confirmed_at", moment),
    sa.Column("last_step", sa.BigInteger),
    sa.Column("pending", sa.LargeBinary),
    sa.Column("pending_until", moment),
    sa.CheckConstraint("(sealed is null) = (confirmed_at is null)", name="confirmed_when_kept"),
)
"""`last_step`: the time step of the last code that was taken. `pending` takes the place of `sealed` once it is confirmed."""

recovery_code = sa.Table(
    "recovery_code",
    metadata,
    sa.Column("account_id", UUID, sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("digest", sa.LargeBinary, primary_key=True, nullable=False),
    sa.Column("used_at", moment),
)

delegation = sa.Table(
    "delegation",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("from_id", UUID, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("to_id", UUID, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("roles", ARRAY(sa.Text), nullable=False),
    sa.Column("area_code", sa.Text(collation="C"), nullable=False),
    sa.Column("first_day", sa.Date, nullable=False),
    sa.Column("last_day", sa.Date, nullable=False),
    sa.Column("made_at", moment, nullable=False, server_default=now),
    sa.Column("ended_at", moment),
    sa.Column("ended_by", UUID, sa.ForeignKey("account.id")),
    sa.Index("delegation_from", "from_id"),
    sa.Index("delegation_to", "to_id"),
    sa.CheckConstraint("from_id <> to_id", name="stands_in_for_another"),
    sa.CheckConstraint("first_day <= last_day", name="delegation_days"),
)

one_time_code = sa.Table(
    "one_time_code",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("account_id", UUID, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("issued_by", sa.Text, nullable=False),
    sa.Column("issued_at", moment, nullable=False),
    sa.Column("expires_at", moment, nullable=False),
    sa.Column("guesses", sa.Integer, nullable=False, server_default="0"),
    sa.Column("over_at", moment),
    sa.Index("one_time_code_waiting", "account_id", unique=True, postgresql_where=sa.text("over_at is null")),
    sa.Index("one_time_code_expired", "expires_at"),
)
"""`over_at`: used, taken back, or replaced by a newer one. Each account has at most one that waits."""

card = sa.Table(
    "card",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("account_id", UUID, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("pin_hash", sa.Text, nullable=False),
    sa.Column("issued_by", sa.Text, nullable=False),
    sa.Column("issued_at", moment, nullable=False),
    sa.Column("wrong_pins", sa.Integer, nullable=False, server_default="0"),
    sa.Column("revoked_at", moment),
    sa.Index("card_of_account", "account_id"),
)
"""`wrong_pins` in a row: a card that was found and is tried over and over ends."""

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

approval = sa.Table(
    "approval",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("command", sa.Text, nullable=False),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("people", ARRAY(sa.Text), nullable=False),
    sa.Column("area_code", sa.Text(collation="C"), nullable=False),
    sa.Column("second_roles", ARRAY(sa.Text), nullable=False),
    sa.Column("idempotency_key", sa.Text, nullable=False),
    sa.Column("body_digest", sa.LargeBinary, nullable=False),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("sealed_says", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("created_at", moment, nullable=False),
    sa.Column("until", moment, nullable=False),
    sa.Column("due_at", moment),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("decided_by", sa.Text),
    sa.Column("decided_at", moment),
    sa.Column("sealed_because", sa.LargeBinary),
    sa.Column("finished_at", moment),
    sa.Column("decision_id", UUID),
    sa.Column("answer", JSONB),
    sa.Column("refusal", JSONB),
    sa.UniqueConstraint("actor_id", "idempotency_key"),
    sa.Index("approval_open", "state", "until", postgresql_where=sa.text("state in ('waiting', 'approved')")),
    sa.Index("approval_finished", "finished_at"),
)
"""Commands that wait for a second person. `people` had a part in asking and may not decide; `sealed` is the whole command
and gone once it is over, `sealed_says` what may be shown of it. `due_at`: when what was approved is tried again."""

emergency = sa.Table(
    "emergency",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("people", ARRAY(sa.Text), nullable=False),
    sa.Column("rank", sa.SmallInteger, nullable=False),
    sa.Column("area_code", sa.Text(collation="C"), nullable=False),
    sa.Column("opened_area", sa.Text(collation="C"), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("sealed_account", sa.LargeBinary, nullable=False),
    sa.Column("began_at", moment, nullable=False),
    sa.Column("until", moment, nullable=False),
    sa.Column("ended_at", moment),
    sa.Column("ended_by", sa.Text),
    sa.Column("finding", sa.Text),
    sa.Column("reviewed_by", sa.Text),
    sa.Column("reviewed_at", moment),
    sa.Column("sealed_review", sa.LargeBinary),
    sa.Index("emergency_account", "account_id", "until"),
    sa.Index("emergency_unreviewed", "until", postgresql_where=sa.text("finding is null")),
)
"""Break-glass. `rank` is how high the holder stands: whoever stands higher, in the area, may end it."""

verdict = sa.Table(
    "verdict",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("at", moment, nullable=False),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("area_code", sa.Text(collation="C"), nullable=False),
    sa.Column("command", sa.Text, nullable=False),
    sa.Column("resource", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("rules", JSONB, nullable=False),
    sa.Column("named_values", JSONB, nullable=False),
    sa.Column("body_digest", sa.LargeBinary, nullable=False),
    sa.Column("ruleset_version", sa.Text, nullable=False),
    sa.Index("verdict_at", "at"),
    sa.Index("verdict_subject", "resource", "action", "at"),
)
"""Every judgement, denials too. `named_values` are the fields that rules name, so that it can be replayed."""

ruleset = sa.Table(
    "ruleset",
    metadata,
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("rules", JSONB, nullable=False),
    sa.Column("words", JSONB, nullable=False),
    sa.Column("kept_at", moment, nullable=False, server_default=now),
)
"""Every set of rules that ever judged, in the modes in which it did: what a verdict is judged anew by."""

verdict_omitted = sa.Table(
    "verdict_omitted",
    metadata,
    sa.Column("actor_id", sa.Text, primary_key=True),
    sa.Column("minute", moment, primary_key=True),
    sa.Column("command", sa.Text, primary_key=True),
    sa.Column("outcome", sa.Text, primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Index("verdict_omitted_minute", "minute"),
)
"""How many verdicts of one actor in one minute were not kept, because as many others were."""

rule_mode = sa.Table(
    "rule_mode",
    metadata,
    sa.Column("number", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("rule_id", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("at", moment, nullable=False, server_default=now),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Index("rule_mode_of_rule", "rule_id", "fingerprint", "number"),
)
"""The history of modes: the last row of a rule and of what it judges by is the mode that it is in."""

rulebook = sa.Table(
    "rulebook",
    metadata,
    sa.Column("singleton", sa.Boolean, sa.CheckConstraint("singleton"), primary_key=True, server_default=sa.true()),
    sa.Column("revision", sa.BigInteger, nullable=False),
)
"""Rises with every change of a mode or an exemption; each process of the front door looks at it once a second."""

exemption = sa.Table(
    "exemption",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("rule_id", sa.Text, nullable=False),
    sa.Column("area_code", sa.Text(collation="C"), nullable=False),
    sa.Column("entity_id", UUID),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("until", sa.Date, nullable=False),
    sa.Column("made_on", sa.Date, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("ended_on", sa.Date),
    sa.Column("ended_by", sa.Text),
    sa.Index("exemption_open", "until", postgresql_where=sa.text("ended_on is null")),
)
