"""The bench's own installation: the gateway's database with accounts that are signed in, under a namespace of its own."""

import base64
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx
from kombu import Connection

from chassis import migrating
from chassis.namespace import Namespace
from chassis.settings import Settings
from contracts.actor import Role
from contracts.gateway import CreateAccount
from gateway.office.running import create_account
from kith.processes import free_port
from kith.registry import MIGRATIONS
from tests.support import servers

PEOPLE = 16
"""Signed in, each on two connections: one alone would meet the rate limit."""

PASSWORD = "long enough to sign in"
HOUSEHOLD = "01920000-0000-7000-8000-000000000001"
VISIT = {
    "household_id": HOUSEHOLD,
    "match_id": "01920000-0000-7000-8000-000000000002",
    "visited_on": "2026-04-10",
    "channel": "in_person",
    "outcome": "all_well",
    "needs_checked": True,
}
LISTED = 50


class Place:
    """Where the bench runs. `port` is the gateway's, `bare_port` its peer's."""

    def __init__(self, database_url: str, broker_url: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kith-bench-"))
        self.port, self.bare_port = free_port(), free_port()
        self.settings = Settings(
            namespace=f"bench{secrets.token_hex(4)}",
            secret=base64.b64encode(os.urandom(32)).decode(),
            database_url=database_url,
            broker_url=broker_url,
            files=self.folder / "files",
            mode="broker",
            log_level="warning",
            port=self.port,
            today=date(2026, 4, 15),
            second_factor="offered",
        )
        self.names = Namespace(self.settings.namespace)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """The gateway's database alone: behind the door stands an echo."""
        migrating.create(self.settings, ["gateway"])
        migrating.upgrade(self.settings, "gateway", MIGRATIONS["gateway"])
        for number in range(PEOPLE):
            create_account(self.settings, _person(number, self.settings.county))

    def tokens(self) -> list[str]:
        """A token for each person."""
        with httpx.Client(base_url=self.url, trust_env=False, timeout=30) as http:
            return [self._token(http, number) for number in range(PEOPLE)]

    def _token(self, http: httpx.Client, number: int) -> str:
        answer = http.post("/v1/session", json={"username": f"person{number}", "password": PASSWORD})
        answer.raise_for_status()
        return str(answer.json()["token"])

    def close(self) -> None:
        """Leave nothing behind."""
        with Connection(self.settings.broker_url.get_secret_value(), connect_timeout=5) as broker:
            channel = broker.channel()
            for name in ("activities", "households", "bare"):
                channel.queue_delete(f"rpc-{self.names.service(name)}")
            for exchange in (self.names.rpc_exchange, f"{self.names.name}.bare"):
                channel.exchange_delete(exchange)
        servers.sweep(self.settings.database_url.get_secret_value(), self.settings.namespace)
        shutil.rmtree(self.folder, ignore_errors=True)


def _person(number: int, county: str) -> CreateAccount:
    return CreateAccount(
        username=f"person{number}",
        password=PASSWORD,
        roles=frozenset({Role.TOWNSHIP_OFFICER}),
        area_code=f"{county}101",
    )


def listed() -> dict[str, Any]:
    """A page as `GET /v1/households` answers it."""
    row = {
        "id": HOUSEHOLD,
        "area_code": "990101101001",
        "number": 7,
        "members": 3,
        "surveyed_on": "2026-03-02",
        "completeness": 0.9,
    }
    return {"items": [row] * LISTED, "next_cursor": HOUSEHOLD}


def body() -> bytes:
    """A visit report as it is sent."""
    return json.dumps(VISIT).encode()


@contextmanager
def place(database_url: str, broker_url: str) -> Iterator[Place]:
    """A prepared place, removed at the end."""
    found = Place(database_url, broker_url)
    try:
        found.prepare()
        yield found
    finally:
        found.close()
