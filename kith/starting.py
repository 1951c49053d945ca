"""`kith up`: everything on this machine until Ctrl-C, in one process or in many."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from chassis import logging
from chassis.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from chassis.postgres_programs import default_data_dir
from chassis.settings import Settings
from gateway.serving import listening
from kith import installed, installing, seeding, waiting
from kith.refusing import BadInput

READY_SECONDS = 120.0
SERVER_SECONDS = 60.0
say = Console().print


def up(mode: str, *, seed: bool, stop: threading.Event) -> None:
    """Start, seed, say where everything is, wait for the signal, stop cleanly."""
    began = time.monotonic()
    if mode not in ("embedded", "broker"):
        raise BadInput(f"MODE is embedded or broker, not {mode!r}")
    with (embedded if mode == "embedded" else distributed)(stop) as (settings, url):
        if stop.is_set():
            return
        say(f"[bold]Kith[/bold] stands at {url} ({mode}, ready in {time.monotonic() - began:.1f} s)")
        for what, where in (
            ("operations", "/"),
            ("OpenAPI", "/openapi.json"),
            ("health", "/health/ready"),
            ("metrics", "/metrics"),
        ):
            print(f"  {what:<11} {url}{where}")
        if seed:
            seeding.show(seeding.seed(url, settings))
            _show_how(url, settings)
        say("Ctrl-C stops it; the data stay.")
        stop.wait()
    say("stopped")


def _show_how(url: str, settings: Settings) -> None:
    from kith.demo import password_of

    if settings.today is None:
        print("The sample is of spring 2026; KITH_TODAY=2026-04-15 shows it as it was then.")
    body = f'{{"username": "county", "password": "{password_of(settings, "county")}"}}'
    say("try it:", style="bold")
    print(f"  URL={url}")
    print("  TOKEN=$(curl -s $URL/v1/session -H 'content-type: application/json' \\")
    print(f"    -d '{body}' \\")
    print("    | python3 -c 'import json,sys; print(json.load(sys.stdin)[\"token\"])')")
    print('  curl -s $URL/v1/indicators -H "authorization: Bearer $TOKEN"')


@contextmanager
def embedded(stop: threading.Event, data: Path | None = None, **outside: Any) -> Iterator[tuple[Settings, str]]:
    """One process with its own PostgreSQL; (settings, address of the gateway)."""
    _require_port(Settings(**outside))
    data = data or default_data_dir(Path.cwd())
    server = EmbeddedPostgres(data)
    try:
        database_url = server.start()
    except EmbeddedPostgresError as error:
        raise BadInput(str(error)) from error
    try:
        settings = installed.embedded(database_url, data, **outside)
        installing.install(settings)
        with one_process(settings, stop) as url:
            yield settings, url
    finally:
        server.stop()


@contextmanager
def one_process(settings: Settings, stop: threading.Event) -> Iterator[str]:
    """All services and the gateway in this process; the gateway's address."""
    from chassis.hosts.inprocess import InProcessHost
    from chassis.rpc_asyncio import InProcessServices
    from gateway.serving import GatewayThread
    from kith.registry import CONSUMERS

    logging.configure(settings.log_level, "kith")
    host = InProcessHost(tuple(CONSUMERS.values()), settings)
    door = GatewayThread(settings, lambda: InProcessServices(dict(host.executors)))
    host.start()
    try:
        door.start()
        yield door.url
    finally:
        door.stop()
        host.stop()


@contextmanager
def distributed(stop: threading.Event, **outside: Any) -> Iterator[tuple[Settings, str]]:
    """A process each, on the RabbitMQ and PostgreSQL that run already."""
    from kith.processes import Processes

    settings = installed.on_servers(**outside)
    _require_port(settings)
    _require_servers(settings, stop)
    installing.install(settings)
    with Processes(settings, stop) as processes:
        wait_until_ready(processes.url, stop)
        yield settings, processes.url


def _require_port(settings: Settings) -> None:
    """Before anything is started: the gateway's port must be free."""
    try:
        listening(settings).close()
    except OSError as error:
        raise BadInput(f"port {settings.port} on {settings.host} is taken; set KITH_PORT to another") from error


def _require_servers(settings: Settings, stop: threading.Event) -> None:
    from kombu import Connection

    try:
        with Connection(settings.broker_url.get_secret_value(), connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0.1)
    except Exception as error:
        raise BadInput("RabbitMQ does not answer at KITH_BROKER_URL; start it, or use the embedded mode") from error
    if not waiting.for_database(waiting.server_url(settings), stop, SERVER_SECONDS):
        if stop.is_set():
            raise KeyboardInterrupt
        raise BadInput("PostgreSQL does not answer at KITH_DATABASE_URL; start it, or use the embedded mode")


def wait_until_ready(url: str, stop: threading.Event) -> None:
    """Until the gateway reaches every service; BadInput with what is missing if that takes too long."""
    last: dict[str, object] = {}

    def ready() -> bool:
        if stop.is_set():
            return True
        try:
            answer = httpx.get(f"{url}/health/ready", timeout=5, trust_env=False)
        except httpx.HTTPError:
            return False
        last.update(answer.json())
        return bool(last.get("state") == "ready")

    if not waiting.within(ready, READY_SECONDS, 0.1):
        raise BadInput(f"not ready after {READY_SECONDS:.0f} s: {last or 'the gateway does not answer'}")
