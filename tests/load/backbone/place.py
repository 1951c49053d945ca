"""The bench's own installation: two databases, one consumer's queue, all under a namespace that is swept at the end."""

import base64
import io
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from kombu import Connection, Exchange, Queue

from chassis import topology
from chassis.addresses import owner_url
from chassis.namespace import Namespace
from chassis.settings import Settings
from contracts.pairing import HelperLeft
from tests.load.backbone.telling import Told
from tests.support import hosting, servers

SOURCE = "pairing"
CONSUMER = "activities"
PEERS = ("bare", "byhand", "faststream")
TABLES = """
    create table applied (n bigserial primary key, event_id uuid not null, subject text not null, left_on date not null,
                          at timestamptz not null default clock_timestamp());
    create table standing (subject text primary key, applied integer not null default 0, left_on date);
    create table peer_cursor (subject text primary key, sequence bigint not null);
    create table peer_early (subject text, sequence bigint, body text not null, primary key (subject, sequence));
"""


class Place:
    """Where a bench runs. The owner's engines fill and read; the children connect as the services' role."""

    def __init__(self, database_url: str, broker_url: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kith-bench-"))
        self.settings = Settings(
            namespace=f"bench{secrets.token_hex(4)}",
            secret=base64.b64encode(os.urandom(32)).decode(),
            database_url=database_url,
            broker_url=broker_url,
            files=self.folder / "files",
            mode="broker",
            log_level="warning",
        )
        self.names = Namespace(self.settings.namespace)
        self.source = sa.create_engine(owner_url(self.settings, SOURCE))
        self.consumer = sa.create_engine(owner_url(self.settings, CONSUMER))

    @property
    def broker_url(self) -> str:
        return self.settings.broker_url.get_secret_value()

    def prepare(self) -> None:
        """Databases with the chassis tables, and what the reactions of the bench write."""
        for name in (SOURCE, CONSUMER):
            hosting.prepare_bare(self.settings, name)
        with self.consumer.begin() as connection:
            connection.exec_driver_sql(TABLES)
            connection.exec_driver_sql(f'grant all on all tables in schema public to "{self.names.app_role}"')
            connection.exec_driver_sql(f'grant all on all sequences in schema public to "{self.names.app_role}"')

    def empty(self) -> None:
        """Nothing was told and nothing was applied; the queues are new."""
        with self.source.begin() as connection:
            connection.exec_driver_sql("truncate outbox, outbox_unsent, stream restart identity")
        with self.consumer.begin() as connection:
            connection.exec_driver_sql("truncate inbox_cursor, inbox_waiting, applied, standing, peer_cursor, "
                                       "peer_early restart identity")  # fmt: skip
        self.remove_queues()
        with self.broker() as broker:
            topology.declare(broker, self.names, {CONSUMER: [SOURCE]})

    def expect(self, subjects: Iterable[str]) -> None:
        """A standing row for each subject, which each event updates."""
        with self.consumer.begin() as connection:
            connection.execute(
                sa.text("insert into standing (subject) select unnest(cast(:subjects as text[]))"),
                {"subjects": sorted(set(subjects))},
            )
        with self.consumer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("analyze standing")

    def fill_outbox(self, events: Sequence[Told]) -> None:
        """Put events into the outbox at once, as their transactions would have left them."""
        rows = io.StringIO()
        for told in events:
            rows.write(
                f"{told.id}\t{told.subject}\t1\t{told.sequence}\t{told.type}\t{told.body}\t{told.traceparent}\n"
            )
        rows.seek(0)
        raw: Any = self.source.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("select coalesce(max(id), 0) from outbox")
            last = cursor.fetchone()
            cursor.copy_expert(
                "copy outbox (event_id, subject, epoch, sequence, type, body, traceparent) from stdin", rows
            )
            cursor.execute("insert into outbox_unsent select id, created_at from outbox where id > %s", last)
            raw.commit()
        finally:
            raw.close()

    @contextmanager
    def broker(self) -> Iterator[Connection]:
        with Connection(self.broker_url, connect_timeout=5) as connection:
            yield connection

    def declare(self, consumer: str) -> str:
        """The same kind of queue for a peer, bound to nothing; its name."""
        with self.broker() as broker:
            topology.declare(broker, self.names, {consumer: []})
        return self.names.inbox_queue(consumer)

    def declare_for_nameko_events(self) -> str:
        """The queue that nameko's event handler will declare, to be filled before it starts; its name."""
        with self.broker() as broker:
            nameko_queue(self.names)(broker.channel()).declare()
        return nameko_queue(self.names).name

    def remove_queues(self) -> None:
        """Take all queues of the bench off the broker, with what lies in them."""
        with self.broker() as broker:
            for consumer in (CONSUMER, *PEERS):
                topology.remove_consumer(broker, self.names, consumer)
            channel = broker.channel()
            channel.queue_delete(nameko_queue(self.names).name)
            channel.exchange_delete(nameko_queue(self.names).exchange.name)

    def close(self) -> None:
        """Leave nothing behind."""
        self.source.dispose()
        self.consumer.dispose()
        self.remove_queues()
        with self.broker() as broker:
            topology.remove(broker, self.names, (CONSUMER, *PEERS))
        servers.sweep(self.settings.database_url.get_secret_value(), self.settings.namespace)
        shutil.rmtree(self.folder, ignore_errors=True)


def nameko_queue(names: Namespace) -> Queue:
    """As nameko.events names it, and as durable as ours."""
    source = f"{names.name}peer"
    return Queue(
        f"evt-{source}-{HelperLeft.type}--{names.name}byhand.handle",
        Exchange(f"{source}.events", type="topic", durable=True, auto_delete=False),
        routing_key=HelperLeft.type,
        durable=True,
        queue_arguments=topology.inbox_queue(names, "byhand").queue_arguments,
    )


@contextmanager
def place(database_url: str, broker_url: str) -> Iterator[Place]:
    """A prepared place, removed at the end."""
    found = Place(database_url, broker_url)
    try:
        found.prepare()
        yield found
    finally:
        found.close()
