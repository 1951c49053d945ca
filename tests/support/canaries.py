"""Looks for planted words wherever an installation of real processes leaves something."""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import amqp
import httpx
import sqlalchemy as sa

from chassis.namespace import Namespace
from chassis.settings import Settings
from kith.registry import SERVICES
from tests.support.private_broker import PrivateBroker

TABLES = sa.text("select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'")
SPARE = ("pg_catalog", "information_schema")
SHORTEST = 8
"""In bytes: what is shorter stands anywhere by chance."""


def spellings(word: str) -> set[bytes]:
    """A word as it may stand in bytes: plain, in a column of bytes, escaped in JSON, in UTF-16, in Base64."""
    plain = word.encode()
    found = {plain, plain.hex().encode(), word.encode("utf-16-le"), json.dumps(word)[1:-1].encode()}
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + plain)
        found.add(coded[4 if shift else 0 : len(coded) - 4])
    return {each for each in found if len(each) >= SHORTEST}


@dataclass
class Search:
    """What was kept, by where it was found."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def add(self, where: str, what: bytes) -> None:
        self.kept[where] = self.kept.get(where, b"") + b"\n" + what

    def finds(self, words: Iterable[str]) -> set[tuple[str, str]]:
        """(word, where) of every word that is there."""
        return {
            (word, where)
            for word in words
            for where, what in self.kept.items()
            if any(spelling in what for spelling in spellings(word))
        }


def add_databases(search: Search, settings: Settings) -> None:
    """Every row of every table of every database of the installation, read by the server's administrator."""
    server = sa.make_url(settings.database_url.get_secret_value())
    for service in (*SERVICES, "gateway"):
        engine = sa.create_engine(server.set(database=Namespace(settings.namespace).database(service)))
        with engine.connect() as admin:
            for schema, table in admin.execute(TABLES):
                if schema not in SPARE:
                    rows = admin.scalars(sa.text(f'select t::text from "{schema}"."{table}" t'))
                    search.add(f"database {service}.{table}", "\n".join(rows).encode())
        engine.dispose()


def add_folder(search: Search, name: str, folder: Path) -> None:
    """Every file, byte for byte."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        search.add(f"{name} {file.name if name == 'log' else 'file'}", file.read_bytes())


def add_metrics(search: Search, url: str) -> None:
    """What Prometheus is told."""
    search.add("metrics", httpx.get(f"{url}/metrics", trust_env=False).content)


class Wire:
    """A queue beside the others, which gets whatever passes the broker."""

    def __init__(self, broker: PrivateBroker, settings: Settings) -> None:
        names = Namespace(settings.namespace)
        self._exchanges = (names.events_exchange, names.rpc_exchange)
        self._link = amqp.Connection(f"127.0.0.1:{broker.port}", "guest", "guest")
        self._link.connect()
        self._channel = self._link.channel()
        self._queue = self._channel.queue_declare("", exclusive=True).queue
        for exchange in self._exchanges:
            self._channel.queue_bind(self._queue, exchange, "#")

    def passed(self) -> Iterator[tuple[str, Any]]:
        """(exchange, message) since the last look."""
        while message := self._channel.basic_get(self._queue, no_ack=True):
            yield message.delivery_info["exchange"], message

    def add_to(self, search: Search) -> dict[str, int]:
        """Put what passed since the last look where it is searched; how much it was, by exchange."""
        counted = dict.fromkeys(self._exchanges, 0)
        for exchange, message in self.passed():
            body = message.body if isinstance(message.body, bytes) else str(message.body).encode()
            search.add(f"broker {exchange}", body + repr(message.properties).encode())
            counted[exchange] += 1
        return counted

    def publish(self, exchange: str, body: bytes) -> None:
        """Say something that nobody listens to."""
        self._channel.basic_publish(amqp.Message(body), exchange, "nobody.listens.v1")

    def close(self) -> None:
        self._link.close()
