"""Theirs: the same guarantee written by hand on nameko.events, as a competent engineer would. One transaction per event.

Durable (reliable delivery on a quorum queue, requeue on error), applied once and in order per subject: a cursor per
subject is claimed in the event's transaction; what comes early is kept in a table, and fetched by its predecessor.
"""

import eventlet

eventlet.monkey_patch()

import os  # noqa: E402
import queue  # noqa: E402
import signal  # noqa: E402
import threading  # noqa: E402
from typing import Any  # noqa: E402

import psycopg2  # noqa: E402
from nameko.events import EventHandler  # noqa: E402, TID251 - the peer that we are compared with
from nameko.runners import ServiceRunner  # noqa: E402

from chassis import topology  # noqa: E402
from chassis.addresses import app_url  # noqa: E402
from chassis.namespace import Namespace  # noqa: E402
from chassis.settings import Settings  # noqa: E402
from contracts.envelope import Envelope  # noqa: E402
from contracts.pairing import HelperLeft  # noqa: E402
from tests.load.backbone import bench_service  # noqa: E402

WORKERS = int(os.environ.get("KITH_BENCH_WORKERS", "10"))
INSERT = bench_service.INSERT.format("%s", "%s", "%s")
UPDATE = bench_service.UPDATE.format("%s", "%s")
CLAIM = """
    insert into peer_cursor as c (subject, sequence)
    values (%(subject)s, case when %(sequence)s = 1 then 1 else 0 end)
    on conflict (subject) do update set sequence = %(sequence)s where c.sequence = %(sequence)s - 1
    returning sequence
"""
STANDS_AT = "select sequence from peer_cursor where subject = %s"
KEEP = "insert into peer_early (subject, sequence, body) values (%s, %s, %s) on conflict do nothing"
FETCH = "delete from peer_early where subject = %s and sequence = %s returning body"
ADVANCE = "update peer_cursor set sequence = %s where subject = %s"


class QuorumEventHandler(EventHandler):  # type: ignore[misc]
    """nameko's event handler on a queue as durable as ours."""

    def setup(self) -> None:
        super().setup()
        names = Namespace(Settings().namespace)
        self.queue.queue_arguments = topology.inbox_queue(names, "byhand").queue_arguments


class Databases:
    """A connection for each worker."""

    def __init__(self, settings: Settings) -> None:
        url = app_url(settings, "activities").set(drivername="postgresql").render_as_string(hide_password=False)
        self._idle: queue.LifoQueue[Any] = queue.LifoQueue()
        for _ in range(WORKERS):
            self._idle.put(psycopg2.connect(url))

    def apply(self, envelope: Envelope) -> None:
        """One event in one transaction."""
        database = self._idle.get()
        try:
            with database, database.cursor() as cursor:
                _receive(cursor, envelope)
        finally:
            self._idle.put(database)


def _receive(cursor: Any, envelope: Envelope) -> None:
    cursor.execute(CLAIM, {"subject": envelope.subject, "sequence": envelope.sequence})
    claimed = cursor.fetchone()
    if claimed is None or claimed[0] != envelope.sequence:
        _keep_if_early(cursor, envelope)
        return
    _react(cursor, envelope)
    sequence = envelope.sequence
    cursor.execute(FETCH, (envelope.subject, sequence + 1))
    while kept := cursor.fetchone():
        sequence += 1
        _react(cursor, Envelope.model_validate_json(kept[0]))
        cursor.execute(ADVANCE, (sequence, envelope.subject))
        cursor.execute(FETCH, (envelope.subject, sequence + 1))


def _keep_if_early(cursor: Any, envelope: Envelope) -> None:
    cursor.execute(STANDS_AT, (envelope.subject,))
    if envelope.sequence > cursor.fetchone()[0]:
        cursor.execute(KEEP, (envelope.subject, envelope.sequence, envelope.model_dump_json(exclude_none=True)))


def _react(cursor: Any, envelope: Envelope) -> None:
    event = HelperLeft.model_validate(envelope.data)
    cursor.execute(INSERT, (str(envelope.id), event.subject, event.left_on))
    cursor.execute(UPDATE, (event.left_on, event.subject))


def service_class(settings: Settings) -> type:
    """The nameko service."""
    names, databases = Namespace(settings.namespace), Databases(settings)

    def handle(self: object, payload: dict[str, Any]) -> None:
        databases.apply(Envelope.model_validate(payload))

    entry = QuorumEventHandler.decorator(
        f"{names.name}peer", HelperLeft.type, reliable_delivery=True, requeue_on_error=True
    )
    return type("ByHand", (), {"name": f"{names.name}byhand", "handle": entry(handle)})


def main() -> None:
    """Serve until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    settings = Settings()
    runner = ServiceRunner({"AMQP_URI": settings.broker_url.get_secret_value(), "max_workers": WORKERS})
    runner.add_service(service_class(settings))
    runner.start()
    while not stop.is_set():
        eventlet.sleep(0.1)
    runner.stop()


if __name__ == "__main__":
    main()
