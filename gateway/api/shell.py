"""The outermost layer: trace, key, security headers, time taken, and no exception's words ever leave or are logged."""

import time
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.logging import logger
from chassis.tracing import child_of, trace_id
from contracts.refusals import INTERNAL
from gateway.api.metrics import REQUESTS
from gateway.api.problems import problem

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=31536000",
    "Cache-Control": "no-store",
}


class Shell:
    """Wraps the application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the application's life."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await _Exchange(scope, send).run(self._app, receive)


class _Exchange:
    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._status = 0
        self._started = time.perf_counter()
        self._request = Request(scope)
        self._state: dict[str, Any] = scope.setdefault("state", {})
        self._state["traceparent"] = child_of(self._request.headers.get("traceparent"))

    async def run(self, app: ASGIApp, receive: Receive) -> None:
        try:
            await app(self._scope, receive, self._out)
        except ClientDisconnect:
            self._status = self._status or 499
        except Exception as error:  # the last resort: nobody is told more than where to look
            logger().error("request_failed", trace=trace_id(self._state["traceparent"]), error=error)
            if not self._status:
                await problem(INTERNAL, self._request)(self._scope, receive, self._out)
        finally:
            operation = self._state.get("operation", "none")
            REQUESTS.labels(operation, str(self._status)).observe(time.perf_counter() - self._started)

    async def _out(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers["traceparent"] = self._state["traceparent"]
            if key := self._state.get("idempotency_key"):
                headers["Idempotency-Key"] = key
            headers.update(self._state.get("told", {}))
        await self._send(message)
