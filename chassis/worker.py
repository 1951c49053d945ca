"""Background work that computes over 50 ms: rows that a worker process claims, surviving its death."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.jobs import WAITS, JobPostponed, JobRun
from chassis.logging import logger
from chassis.metrics import JOBS_FAILED
from chassis.runtime import Runtime
from chassis.schema import job
from chassis.tracing import child_of, trace_id
from contracts.actor import Actor

NEXT = sa.text("""
    select id, kind, args, actor, causation, decision_id, traceparent, attempts from job
    where state in ('queued', 'running') and run_at <= now() and kind = any(:kinds)
    order by run_at, id limit 20
""")


class Worker:
    """Claims jobs one at a time. A session lock per job tells the living from the dead: no lease can run out."""

    def __init__(self, runtime: Runtime, stop: threading.Event) -> None:
        self._runtime = runtime
        self._stop = stop
        self._handlers = runtime.service.jobs

    def run(self, idle_seconds: float = 0.2) -> None:
        """Until stopped: do what is due, then look again after `idle_seconds`."""
        while not self._stop.is_set():
            try:
                busy = self.run_one()
            except sa.exc.DBAPIError as error:
                logger().warning("worker_waits_for_database", service=self._runtime.name, error=error)
                busy = False
                self._stop.wait(1)
            if not busy:
                self._stop.wait(idle_seconds)

    def run_one(self) -> bool:
        """Claim and do one job; False if none is due."""
        with self._runtime.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            claimed = self._claim(connection)
            if claimed is None:
                return False
            try:
                self._do(connection, claimed)
            finally:
                connection.execute(sa.text("select pg_advisory_unlock(:key)"), {"key": _lock_key(claimed.id)})
        return True

    def _claim(self, connection: sa.Connection) -> JobRun | None:
        rows = connection.execute(NEXT, {"kinds": list(self._handlers)}).all()
        for row in rows:
            if not connection.scalar(sa.text("select pg_try_advisory_lock(:key)"), {"key": _lock_key(row.id)}):
                continue
            open_still = connection.execute(
                sa.update(job)
                .where(job.c.id == row.id, job.c.state.in_(("queued", "running")), job.c.attempts == row.attempts)
                .values(state="running", attempts=job.c.attempts + 1)
            )
            if open_still.rowcount:
                return self._run_of(row)
            connection.execute(sa.text("select pg_advisory_unlock(:key)"), {"key": _lock_key(row.id)})
        return None

    def _run_of(self, row: Any) -> JobRun:
        actor = Actor.model_validate(row.actor)
        trace = child_of(row.traceparent)
        return JobRun(
            self._runtime, row.id, row.args, actor, row.causation, row.decision_id, trace, row.attempts + 1
        )

    def _do(self, connection: sa.Connection, run: JobRun) -> None:
        kind = connection.scalar(sa.select(job.c.kind).where(job.c.id == run.id))
        try:
            self._handlers[str(kind)](run)
        except JobPostponed as postponed:
            self._later(connection, run, postponed.delay, run.attempts - 1, None)
        except Exception as error:  # whatever a job raises must not end the worker
            logger().error("job_failed", job=str(run.id), kind=kind, attempts=run.attempts,
                           trace=trace_id(run.traceparent), error=error)  # fmt: skip
            JOBS_FAILED.labels(self._runtime.name, kind).inc()
            self._failed(connection, run, type(error).__name__)
        else:
            connection.execute(
                sa.update(job).where(job.c.id == run.id).values(state="done", finished_at=sa.func.now(), error=None)
            )

    def _failed(self, connection: sa.Connection, run: JobRun, error: str) -> None:
        if run.attempts <= len(WAITS):
            self._later(connection, run, WAITS[run.attempts - 1], run.attempts, error)
        else:
            connection.execute(
                sa.update(job)
                .where(job.c.id == run.id)
                .values(state="failed", finished_at=sa.func.now(), error=error)
            )

    def _later(
        self, connection: sa.Connection, run: JobRun, delay: timedelta, attempts: int, error: str | None
    ) -> None:
        connection.execute(
            sa.update(job)
            .where(job.c.id == run.id)
            .values(state="queued", run_at=sa.func.now() + delay, attempts=attempts, error=error)
        )


def _lock_key(job_id: UUID) -> int:
    return int.from_bytes(job_id.bytes[8:], "big", signed=True)
