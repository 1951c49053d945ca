"""Months of the log that left a service's outbox: one sealed, compressed file each, read back in the order of ids.

A file is the month's name and first id, then chunks of events, an empty chunk, and at last how many there are with
their digest. Every record opens only at its place in this file, so that a cut, a swap or a changed byte shows. What is
being written has another name until it is whole.
"""

import hashlib
import heapq
import json
import os
import struct
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain, count, islice
from pathlib import Path
from typing import Any, BinaryIO

import sqlalchemy as sa

from chassis import outbox, outbox_partitions
from chassis.keys import Keys
from chassis.outbox_partitions import Entry, Month
from chassis.sealed_records import read_record, write_record
from chassis.sealing import SealBroken, Sealer
from chassis.settings import Settings

SUFFIX = ".outbox"
CHUNK_BYTES = 256 * 1024
"""Of events before they are compressed; what a reader holds in memory for each month that it is in."""

HEAD, END = 0xFFFFFFFF, 0xFFFFFFFE
"""The places of the first and the last record, which no chunk has."""

PAGE = 500


class ArchiveMissing(LookupError):
    """A month that left the outbox has no file here: nobody can read the whole log."""

    def __init__(self, service: str, month: Month, folder: Path) -> None:
        super().__init__(f"{month} of {service} was archived, and {folder} does not hold it: set KITH_ARCHIVE")


@dataclass(frozen=True)
class Summary:
    """What a month holds: enough to tell whether two readings of it are equal."""

    events: int
    digest: str
    first_id: int
    last_id: int

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Summary":
        """Of events as they come."""
        tally = _Tally()
        deque(tally.counting(entries), maxlen=0)
        return tally.summary


class _Tally:
    """Counts and digests lines while they pass."""

    def __init__(self) -> None:
        self._events, self._first, self._last, self._digest = 0, 0, 0, hashlib.sha256()

    def counting(self, entries: Iterable[Entry]) -> Iterator[bytes]:
        for entry in entries:
            line = json.dumps(entry, ensure_ascii=False).encode() + b"\n"
            self._first = self._first if self._events else entry.id
            self._events, self._last = self._events + 1, entry.id
            self._digest.update(line)
            yield line

    @property
    def summary(self) -> Summary:
        return Summary(self._events, self._digest.hexdigest(), self._first, self._last)


class Archive:
    """The archived months of one service."""

    def __init__(self, settings: Settings, service: str, key: bytes | None = None) -> None:
        """With the installation's own key unless another is given."""
        self._service = service
        self.folder = settings.archive_folder / service
        self._sealer = Sealer(key or Keys.of(settings).key("archive"))

    def months(self) -> list[Month]:
        """The months that lie here, oldest first. What was left unfinished is none."""
        return sorted(Month.parse(path.stem) for path in self.folder.glob(f"*{SUFFIX}"))

    def path(self, month: Month) -> Path:
        """Where that month lies, or would."""
        return self.folder / f"{month}{SUFFIX}"

    def write(self, month: Month, entries: Iterable[Entry]) -> None:
        """Keep a month, whole or not at all; FileExistsError if it is here. Memory: one chunk."""
        if self.path(month).exists():
            raise FileExistsError(self.path(month))
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self.path(month).with_suffix(".part")
        part.touch(mode=0o600)
        part.touch(mode=0o600)
        with part.open("wb") as out:
            self._write_records(out, month, entries)
            out.flush()
            os.fsync(out.fileno())
        part.rename(self.path(month))
        _sync(self.folder)

    def _write_records(self, out: BinaryIO, month: Month, entries: Iterable[Entry]) -> None:
        def put(plain: bytes, place: int) -> None:
            write_record(out, self._sealer, plain, self._place(month, place))

        tally, following = _Tally(), iter(entries)
        first = list(islice(following, 1))
        head = {"service": self._service, "month": str(month), "first_id": first[0].id if first else 0}
        put(json.dumps(head).encode(), HEAD)
        for index, lines in enumerate(_chunked(tally.counting(chain(first, following)))):
            put(zlib.compress(lines), index)
        put(json.dumps(asdict(tally.summary)).encode(), END)

    def summary(self, month: Month) -> Summary:
        """What a month's file holds, read to its end; SealBroken unless that is what was written."""
        tally, said = _Tally(), {}
        with self.path(month).open("rb") as source:
            entries = self._entries(source, month, lambda end: said.update(end))
            deque(tally.counting(entries), maxlen=0)
        if asdict(tally.summary) != said:
            raise SealBroken
        return tally.summary

    def entries(self, subject: str | None = None, months: Iterable[Month] | None = None) -> Iterator[str]:
        """Envelopes as JSON in the order of ids: of one subject or all, of these months or all."""
        for entry in self._in_order(self.months() if months is None else months):
            if subject is None or entry.subject == subject:
                yield entry.body

    def _in_order(self, months: Iterable[Month]) -> Iterator[Entry]:
        """Months overlap by a few ids where a clock was set back: a month is opened when its first id comes up."""
        closed = deque(sorted((self._first_id(month), month) for month in months))
        opened: list[tuple[Entry, Iterator[Entry]]] = []
        while closed or opened:
            while closed and (not opened or closed[0][0] <= opened[0][0].id):
                _push(opened, self._month(closed.popleft()[1]))
            entry, following = heapq.heappop(opened)
            yield entry
            _push(opened, following)

    def _first_id(self, month: Month) -> int:
        with self.path(month).open("rb") as source:
            return int(self._read(source, month, HEAD)["first_id"])

    def _month(self, month: Month) -> Iterator[Entry]:
        with self.path(month).open("rb") as source:
            yield from self._entries(source, month, lambda end: None)

    def _entries(self, source: BinaryIO, month: Month, ended: Callable[[dict[str, Any]], None]) -> Iterator[Entry]:
        self._read(source, month, HEAD)
        for index in count():
            lines = zlib.decompress(read_record(source, self._sealer, self._place(month, index)))
            if not lines:
                break
            for line in lines.split(b"\n")[:-1]:
                yield Entry(*json.loads(line))
        ended(self._read(source, month, END))

    def _read(self, source: BinaryIO, month: Month, place: int) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(read_record(source, self._sealer, self._place(month, place)))
        return found

    def _place(self, month: Month, index: int) -> bytes:
        return f"{self._service}/{month}/".encode() + struct.pack(">I", index)


def whole_log(archive: Archive, service: str, database: sa.Engine) -> Iterator[str]:
    """All that a service ever said: its archived months, then its outbox; ArchiveMissing if a month is not here.

    A month that is archived while we read comes once more at the end, for part of it may have been missed; whoever
    reads drops what it knows.
    """
    before = _moved(archive, service, database)
    yield from archive.entries(months=before)
    yield from _outbox(database)
    yield from archive.entries(months=_moved(archive, service, database) - before)


def _moved(archive: Archive, service: str, database: sa.Engine) -> set[Month]:
    with database.connect() as connection:
        wanted = outbox_partitions.archived(connection)
    for month in wanted:
        if not archive.path(month).exists():
            raise ArchiveMissing(service, month, archive.folder)
    return set(wanted)


def _outbox(database: sa.Engine) -> Iterator[str]:
    after = 0
    while True:
        with database.connect() as connection:
            rows = outbox.log(connection, after, PAGE)
        yield from (body for _, body in rows)
        if len(rows) < PAGE:
            return
        after = rows[-1][0]


def _chunked(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines put together into chunks, and an empty one at the end."""
    held = bytearray()
    for line in lines:
        held += line
        if len(held) >= CHUNK_BYTES:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)
    yield b""


def _push(opened: list[tuple[Entry, Iterator[Entry]]], following: Iterator[Entry]) -> None:
    for entry in islice(following, 1):
        heapq.heappush(opened, (entry, following))


def _sync(folder: Path) -> None:
    """The new name outlives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
