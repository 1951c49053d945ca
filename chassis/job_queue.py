"""Putting background work on record, in the transaction that asks for it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.ids import new_id
from chassis.schema import job
from contracts.actor import Actor

Context = tuple[str | None, UUID | None, str | None]
"""What led to it: causation, decision, traceparent."""


def enqueue(
    connection: sa.Connection, actor: Actor, context: Context, kind: str, args: dict[str, Any], after: timedelta
) -> UUID:
    """Write a job row in this transaction; it is due `after` from now."""
    job_id = new_id()
    causation, decision, traceparent = context
    connection.execute(
        sa.insert(job).values(
            id=job_id,
            kind=kind,
            args=args,
            actor=actor.model_dump(mode="json"),
            causation=causation,
            decision_id=decision,
            traceparent=traceparent,
            run_at=sa.func.now() + after,
        )
    )
    return job_id
