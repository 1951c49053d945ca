"""A process's own small HTTP page: /metrics for Prometheus and /health/live, on loopback unless set otherwise."""

import threading
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

from chassis.logging import logger
from chassis.settings import Settings

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Scrapes are not news."""


def _app() -> Wsgi:
    metrics: Wsgi = make_wsgi_app()

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == "/health/live":
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [b"live\n"]
        if environ.get("PATH_INFO") == "/metrics":
            return metrics(environ, start_response)
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"/metrics or /health/live\n"]

    return answer


def expose(settings: Settings) -> WSGIServer | None:
    """Serve metrics in a thread if a port is set; a port that is taken is said and does not stop the process."""
    if not settings.metrics_port:
        return None
    try:
        server = make_server(settings.metrics_host, settings.metrics_port, _app(), handler_class=_Quiet)
    except OSError as error:
        logger().warning("metrics_port_taken", port=settings.metrics_port, error=error)
        return None
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server
