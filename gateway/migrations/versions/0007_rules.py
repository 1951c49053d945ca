"""The modes that rules are in, exemptions, and what a verdict needs to be judged anew.

What was judged before this migration was judged by two rules in the modes in which they were shipped. They stay in them;
an installation in which nothing was ever judged begins with the modes that its rule files wish for.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

from chassis.migrating import app_role

revision = "0007"
down_revision = "0006"

moment = TIMESTAMP(timezone=True)
now = sa.text("now()")
modes = "mode in ('disabled', 'audit', 'warn', 'enforce')"
IN_FORCE = (("ADM-01", "742d7badb8546924", "enforce"), ("VIS-DQ-02", "f5f4d90c39fc1aa5", "warn"))


def upgrade() -> None:
    _modes()
    _exemptions()
    _verdicts()
    role = app_role()
    op.execute(f'grant select, insert on rule_mode, ruleset to "{role}"')
    op.execute(f'grant select, update on rulebook to "{role}"')
    op.execute(f'grant select, insert, update on exemption to "{role}"')
    op.execute(f'grant select, insert, update, delete on verdict_omitted to "{role}"')
    op.execute(f'grant usage on all sequences in schema public to "{role}"')


def _modes() -> None:
    op.create_table(
        "rule_mode",
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("rule_id", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("at", moment, nullable=False, server_default=now),
        sa.Column("actor_id", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.CheckConstraint(modes),
    )
    op.create_index("rule_mode_of_rule", "rule_mode", ["rule_id", "fingerprint", "number"])
    op.create_table(
        "rulebook",
        sa.Column(
            "singleton", sa.Boolean, sa.CheckConstraint("singleton"), primary_key=True, server_default=sa.true()
        ),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.execute("insert into rulebook (revision) values (1)")
    for rule, fingerprint, mode in IN_FORCE:
        op.execute(
            "insert into rule_mode (rule_id, fingerprint, mode, since, actor_id, reason) "
            f"select '{rule}', '{fingerprint}', '{mode}', min(at)::date, 'system:gateway', 'in force before'"
            " from verdict having count(*) > 0"
        )


def _exemptions() -> None:
    op.create_table(
        "exemption",
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
        sa.CheckConstraint("until >= made_on and until <= made_on + 90", name="ends_within_ninety_days"),
        sa.CheckConstraint("(ended_on is null) = (ended_by is null)", name="ended_by_somebody"),
    )
    op.create_index("exemption_open", "exemption", ["until"], postgresql_where=sa.text("ended_on is null"))


def _verdicts() -> None:
    op.create_table(
        "ruleset",
        sa.Column("version", sa.Text, primary_key=True),
        sa.Column("rules", JSONB, nullable=False),
        sa.Column("words", JSONB, nullable=False),
        sa.Column("kept_at", moment, nullable=False, server_default=now),
    )
    op.create_index("verdict_subject", "verdict", ["resource", "action", "at"])
    op.create_table(
        "verdict_omitted",
        sa.Column("actor_id", sa.Text, primary_key=True),
        sa.Column("minute", moment, primary_key=True),
        sa.Column("command", sa.Text, primary_key=True),
        sa.Column("outcome", sa.Text, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
    op.create_index("verdict_omitted_minute", "verdict_omitted", ["minute"])
