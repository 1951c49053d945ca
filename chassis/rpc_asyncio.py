"""Calls from asyncio: how the gateway reaches the services, over the broker or in one process."""

import asyncio
import contextlib
import time
from typing import Protocol

import aiormq
import aiormq.abc
import anyio.to_thread
from aiormq.exceptions import AMQPError

from chassis.execution import Call, Executor, Reply
from chassis.ids import new_id
from chassis.namespace import Namespace
from chassis.rpc import CONTENT_TYPE, ServiceAway, Wire, milliseconds_left, routing_key
from chassis.settings import Settings

PRESENCE_SECONDS = 1.0
BROKER_ERRORS = (AMQPError, ConnectionError, OSError, asyncio.TimeoutError, RuntimeError)
"""A bare RuntimeError is what aiormq raises on a channel or connection that was closed a moment ago."""


class Services(Protocol):
    """Whatever takes a call to the service it is for."""

    async def call(self, service: str, call: Call) -> Reply:
        """The reply; ServiceAway if there is none before the deadline."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class InProcessServices:
    """All services in this process: calls run in the thread pool."""

    def __init__(self, executors: dict[str, Executor]) -> None:
        self._executors = executors

    async def call(self, service: str, call: Call) -> Reply:
        """The reply of the service's executor; ServiceAway if it is not among those that run."""
        executor = self._executors.get(service)
        if executor is None:
            raise ServiceAway(service)
        return await anyio.to_thread.run_sync(executor.execute, call)

    async def close(self) -> None:
        """Nothing to let go of."""


class RpcServices:
    """One connection and one reply queue for all calls; replies find their call by correlation id."""

    def __init__(self, settings: Settings, key: bytes) -> None:
        self._url = settings.broker_url.get_secret_value()
        self._names = Namespace(settings.namespace)
        self._wire = Wire(key)
        self._connection: aiormq.abc.AbstractConnection | None = None
        self._channel: aiormq.abc.AbstractChannel | None = None
        self._connecting = asyncio.Lock()
        self._pending: dict[str, asyncio.Future[bytes]] = {}
        self._reply_to = ""
        self._present: dict[str, float] = {}

    async def call(self, service: str, call: Call) -> Reply:
        """The reply; ServiceAway without broker or listener, or past the deadline."""
        try:
            return await asyncio.wait_for(self._call(service, call), milliseconds_left(call) / 1000)
        except BROKER_ERRORS as error:
            raise ServiceAway(type(error).__name__) from error

    async def _call(self, service: str, call: Call) -> Reply:
        channel = await self._ready()
        await self._check_presence(channel, service)
        correlation, future = str(new_id()), asyncio.get_running_loop().create_future()
        self._pending[correlation] = future
        try:
            await channel.basic_publish(
                self._wire.request(call),
                exchange=self._names.rpc_exchange,
                routing_key=routing_key(self._names, service),
                properties=aiormq.spec.Basic.Properties(
                    content_type=CONTENT_TYPE,
                    content_encoding="binary",
                    reply_to=self._reply_to,
                    correlation_id=correlation,
                    expiration=str(milliseconds_left(call)),
                ),
            )
            return self._wire.reply(await future)
        finally:
            self._pending.pop(correlation, None)

    async def _check_presence(self, channel: aiormq.abc.AbstractChannel, service: str) -> None:
        """Ask at most once a second whether anybody listens: a dead service is known before a time-out."""
        if time.monotonic() - self._present.get(service, -PRESENCE_SECONDS) < PRESENCE_SECONDS:
            return
        probe = await channel.connection.channel(publisher_confirms=False)
        try:
            found = await probe.queue_declare(f"rpc-{self._names.service(service)}", passive=True)
        finally:
            with contextlib.suppress(*BROKER_ERRORS):
                await probe.close()
        if not found.consumer_count:
            raise ServiceAway(service)
        self._present[service] = time.monotonic()

    async def _ready(self) -> aiormq.abc.AbstractChannel:
        if self._channel is not None and not self._channel.is_closed:
            return self._channel
        async with self._connecting:
            if self._channel is None or self._channel.is_closed:
                await self._connect()
        if self._channel is None:
            raise ServiceAway("broker")
        return self._channel

    async def _connect(self) -> None:
        await self.close()
        self._connection = await aiormq.connect(self._url)
        channel = await self._connection.channel(publisher_confirms=False)
        await channel.exchange_declare(self._names.rpc_exchange, exchange_type="topic", durable=True)
        declared = await channel.queue_declare(exclusive=True)
        self._reply_to = str(declared.queue)
        await channel.queue_bind(self._reply_to, self._names.rpc_exchange, routing_key=self._reply_to)
        await channel.basic_consume(self._reply_to, self._on_reply, no_ack=True)
        self._channel = channel

    async def _on_reply(self, message: aiormq.abc.DeliveredMessage) -> None:
        future = self._pending.get(str(message.header.properties.correlation_id))
        if future is not None and not future.done():
            future.set_result(message.body)

    async def close(self) -> None:
        """Leave the broker; calls under way end as away."""
        self._present.clear()
        if self._connection is not None:
            with contextlib.suppress(*BROKER_ERRORS):
                await self._connection.close()
        self._connection = self._channel = None
