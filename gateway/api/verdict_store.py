"""All SQL about verdicts: written once, read by whom they concern, forgotten after a year and a month."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from contracts.messages import CommandSpec
from gateway.admission.verdict import Verdict
from gateway.api.tables import verdict

KEPT_FOR = timedelta(days=400)
AT_ONCE = 5_000


def keep(connection: sa.Connection, one: Verdict, spec: CommandSpec, *, digest: bytes) -> None:
    """Put a verdict on record, a denial too. `digest` is keyed: a short note could be guessed from a bare hash."""
    connection.execute(
        sa.insert(verdict).values(
            id=one.id,
            at=one.issued_at,
            actor_id=one.actor_id,
            area_code=one.area,
            command=one.command,
            resource=spec.resource,
            action=spec.action,
            outcome=one.outcome,
            rules=[rule.model_dump(mode="json") for rule in one.rules],
            named_values=dict(one.values),
            body_digest=digest,
            ruleset_version=one.ruleset_version,
        )
    )


def purge(connection: sa.Connection, now: datetime) -> int:
    """Forget some of the verdicts that are older than they are kept; how many. Call again until it is 0."""
    old = sa.select(verdict.c.id).where(verdict.c.at < now - KEPT_FOR).limit(AT_ONCE)
    return connection.execute(sa.delete(verdict).where(verdict.c.id.in_(old))).rowcount
