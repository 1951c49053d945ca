"""The two doors as processes, and how many requests a second each answers."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from kombu import Connection

from tests.load.backbone.children import Child
from tests.load.front_door.place import LISTED, PEOPLE, Place, body

CONNECTIONS = 32
START_SECONDS = 60.0


class Program(Child):
    """`python -m <module>`."""

    package = ""


@dataclass(frozen=True)
class Measured:
    """What 32 connections saw in one run."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    """Of the door's process, for each request."""


class Broken(RuntimeError):
    """Something else was answered than should be."""


class Doors:
    """Both doors with their echoes, running."""

    def __init__(self, place: Place, children: Mapping[str, Child]) -> None:
        self._place = place
        self._children = children
        self._tokens: list[str] = []

    def commands(self, *, bare: bool, seconds: float) -> Measured:
        """Visit reports."""
        return self._run("POST /v1/visits HTTP/1.1", body(), 201, bare=bare, seconds=seconds)

    def queries(self, *, bare: bool, seconds: float) -> Measured:
        """Pages of the list of households."""
        return self._run(f"GET /v1/households?limit={LISTED} HTTP/1.1", b"", 200, bare=bare, seconds=seconds)

    def _run(self, line: str, content: bytes, status: int, *, bare: bool, seconds: float) -> Measured:
        port = self._place.bare_port if bare else self._place.port
        requests = [
            {"port": port, "expect": status, "raw": self._raw(line, content, number)}
            for number in range(CONNECTIONS)
        ]
        file = self._place.folder / "requests"
        file.write_text(json.dumps(requests))
        door = self._children["bare_door" if bare else "gateway"]
        before = door.cpu_seconds()
        with Program(self._place, "tests.load.front_door.clients", str(file), str(seconds)) as clients:
            found = clients.answer(seconds + 60)
        spent = door.cpu_seconds() - before
        if found["odd"]:
            raise Broken(str(found["odd"]))
        return Measured(found["rate"], found["p50_ms"], found["p99_ms"], spent / found["answered"] * 1e6)

    def _raw(self, line: str, content: bytes, number: int) -> str:
        lines = [line, "Host: 127.0.0.1", f"Authorization: Bearer {self._tokens[number % PEOPLE]}"]
        if content:
            lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        return "\r\n".join(lines) + "\r\n\r\n" + content.decode()

    def ready(self) -> None:
        """Both answer, and everybody is signed in."""
        end = time.monotonic() + START_SECONDS
        while not (_answers(self._place.port, "/health/live") and _answers(self._place.bare_port, "/nothing")):
            for child in self._children.values():
                child.lives()
            if time.monotonic() > end:
                raise Broken("the doors did not come up")
            time.sleep(0.1)
        self._tokens = self._place.tokens()


def _answers(port: int, path: str) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False)
    except httpx.TransportError:
        return False
    return True


def _listens(place: Place, *services: str) -> None:
    """Wait until the echoes have their queues: the bare door binds to an exchange that they declare."""
    end = time.monotonic() + START_SECONDS
    with Connection(place.settings.broker_url.get_secret_value(), connect_timeout=5) as broker:
        for service in services:
            while not _queue(broker, f"rpc-{place.names.service(service)}"):
                if time.monotonic() > end:
                    raise Broken(f"{service} did not come up")
                time.sleep(0.1)


def _queue(broker: Connection, name: str) -> bool:
    channel: Any = broker.channel()
    try:
        return bool(channel.queue_declare(name, passive=True).consumer_count)
    except broker.channel_errors:
        return False


@contextmanager
def doors(place: Place) -> Iterator[Doors]:
    """All five processes; ended at the end."""
    with ExitStack() as stack:
        children: dict[str, Child] = {}
        for name, module, arguments in (
            ("sealed", "tests.load.front_door.echo", ("sealed",)),
            ("bare", "tests.load.front_door.echo", ("bare",)),
            ("gateway", "kith", ("gateway",)),
        ):
            children[name] = stack.enter_context(Program(place, module, *arguments))
        _listens(place, "activities", "households", "bare")
        children["bare_door"] = stack.enter_context(
            Program(place, "tests.load.front_door.bare_door", str(place.bare_port))
        )
        found = Doors(place, children)
        found.ready()
        yield found
