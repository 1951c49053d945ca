"""Theirs: Starlette on uvicorn, one aiormq connection, a call to a nameko service. No sign-in, no rules, no database."""

import asyncio
import json
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiormq
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chassis.namespace import Namespace
from chassis.settings import Settings


class Rpc:
    """Calls to one nameko service."""

    def __init__(self, settings: Settings) -> None:
        names = Namespace(settings.namespace)
        self._url = settings.broker_url.get_secret_value()
        self._exchange, self._service = f"{names.name}.bare", names.service("bare")
        self._pending: dict[str, asyncio.Future[bytes]] = {}

    async def connect(self) -> None:
        connection = await aiormq.connect(self._url)
        self._channel = await connection.channel(publisher_confirms=False)
        self._reply_to = str((await self._channel.queue_declare(exclusive=True)).queue)
        await self._channel.queue_bind(self._reply_to, self._exchange, routing_key=self._reply_to)
        await self._channel.basic_consume(self._reply_to, self._take, no_ack=True)

    async def _take(self, message: Any) -> None:
        future = self._pending.pop(message.header.properties.correlation_id, None)
        if future is not None:
            future.set_result(message.body)

    async def call(self, method: str, sent: Any) -> Any:
        correlation = str(uuid.uuid4())
        future = self._pending[correlation] = asyncio.get_running_loop().create_future()
        await self._channel.basic_publish(
            json.dumps({"args": [], "kwargs": {"call": sent}}).encode(),
            exchange=self._exchange,
            routing_key=f"{self._service}.{method}",
            properties=aiormq.spec.Basic.Properties(
                content_type="application/json",
                content_encoding="utf-8",
                reply_to=self._reply_to,
                correlation_id=correlation,
            ),
        )
        return json.loads(await asyncio.wait_for(future, 5))["result"]


def app(settings: Settings) -> Starlette:
    """Two routes."""
    rpc = Rpc(settings)

    async def command(request: Request) -> Response:
        return JSONResponse(await rpc.call("command", await request.json()), 201)

    async def query(request: Request) -> Response:
        return JSONResponse(await rpc.call("query", dict(request.query_params)))

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        await rpc.connect()
        yield

    return Starlette(
        routes=[Route("/v1/visits", command, methods=["POST"]), Route("/v1/households", query)], lifespan=life
    )


def main() -> None:
    """`<port>`."""
    uvicorn.run(app(Settings()), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
