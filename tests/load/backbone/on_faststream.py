"""Theirs: the same guarantee on FastStream and asyncpg, as a competent engineer would. One transaction per event.

Durable (quorum queue, nack on error), applied once and in order per subject: the same cursor and the same table of
early events as `on_nameko_events`, on asyncio.
"""

import asyncio
import os
import signal

import asyncpg
from faststream import AckPolicy
from faststream.rabbit import Channel, RabbitBroker, RabbitQueue

from chassis.addresses import app_url
from chassis.namespace import Namespace
from chassis.settings import Settings
from contracts.envelope import Envelope
from contracts.pairing import HelperLeft
from tests.load.backbone import bench_service

WORKERS = int(os.environ.get("KITH_BENCH_WORKERS", "10"))
INSERT = bench_service.INSERT.format("$1", "$2", "$3")
UPDATE = bench_service.UPDATE.format("$1", "$2")
CLAIM = """
    insert into peer_cursor as c (subject, sequence) values ($1, case when $2 = 1::bigint then 1 else 0 end)
    on conflict (subject) do update set sequence = $2 where c.sequence = $2 - 1 returning sequence
"""
STANDS_AT = "select sequence from peer_cursor where subject = $1"
KEEP = "insert into peer_early (subject, sequence, body) values ($1, $2, $3) on conflict do nothing"
FETCH = "delete from peer_early where subject = $1 and sequence = $2 returning body"
ADVANCE = "update peer_cursor set sequence = $1 where subject = $2"


async def _receive(database: asyncpg.Connection, envelope: Envelope) -> None:
    claimed = await database.fetchval(CLAIM, envelope.subject, envelope.sequence)
    if claimed != envelope.sequence:
        await _keep_if_early(database, envelope)
        return
    await _react(database, envelope)
    sequence = envelope.sequence
    while kept := await database.fetchval(FETCH, envelope.subject, sequence + 1):
        sequence += 1
        await _react(database, Envelope.model_validate_json(kept))
        await database.execute(ADVANCE, sequence, envelope.subject)


async def _keep_if_early(database: asyncpg.Connection, envelope: Envelope) -> None:
    if envelope.sequence > await database.fetchval(STANDS_AT, envelope.subject):
        body = envelope.model_dump_json(exclude_none=True)
        await database.execute(KEEP, envelope.subject, envelope.sequence, body)


async def _react(database: asyncpg.Connection, envelope: Envelope) -> None:
    event = HelperLeft.model_validate(envelope.data)
    await database.execute(INSERT, envelope.id, event.subject, event.left_on)
    await database.execute(UPDATE, event.left_on, event.subject)


async def serve(settings: Settings) -> None:
    """Consume until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    url = app_url(settings, "activities").set(drivername="postgresql")
    pool = await asyncpg.create_pool(url.render_as_string(hide_password=False), min_size=WORKERS, max_size=WORKERS)
    broker = RabbitBroker(
        settings.broker_url.get_secret_value(),
        default_channel=Channel(prefetch_count=WORKERS),
        logger=None,
    )
    queue = RabbitQueue(Namespace(settings.namespace).inbox_queue("faststream"), durable=True, declare=False)

    @broker.subscriber(queue, ack_policy=AckPolicy.NACK_ON_ERROR)
    async def handle(envelope: Envelope) -> None:
        async with pool.acquire() as database, database.transaction():
            await _receive(database, envelope)

    async with broker, pool:
        await broker.start()
        await stop.wait()


def main() -> None:
    """A process of its own."""
    asyncio.run(serve(Settings()))


if __name__ == "__main__":
    main()
