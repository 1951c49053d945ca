"""Uploaded and produced files: encrypted in chunks, referred to by id, never sent over RPC."""

import os
import struct
import time
from collections.abc import Iterable, Iterator
from itertools import chain, count
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from chassis.ids import new_id
from chassis.sealed_records import read_record, write_record
from chassis.sealing import Sealer

CHUNK_BYTES = 256 * 1024
OWNER = 0xFFFFFFFF
"""The place of the record in front of the chunks, which no chunk has."""


class FileTooLarge(ValueError):
    """More bytes than the upload may have; nothing was kept."""


class FileMissing(LookupError):
    """No file of that id."""


class Files:
    """A folder of sealed files, each beginning with whose it is.

    Chunk n opens only as chunk n of its file; an empty chunk ends it, so a cut shows.
    """

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder = folder
        self._sealer = Sealer(key)

    def write(self, chunks: Iterable[bytes], *, limit: int, owner: str = "") -> UUID:
        """Keep the bytes and answer their id; FileTooLarge beyond `limit` bytes. Memory: one chunk.

        `owner` is the id of whoever sent them.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file_id, total = new_id(), 0
        part = self._path(file_id).with_suffix(".part")
        try:
            with part.open("wb") as out:
                write_record(out, self._sealer, owner.encode(), _place(file_id, OWNER))
                for index, chunk in enumerate(chain(_rechunk(chunks), (b"",))):
                    total += len(chunk)
                    if total > limit:
                        raise FileTooLarge
                    write_record(out, self._sealer, chunk, _place(file_id, index))
                out.flush()
                os.fsync(out.fileno())
            part.rename(self._path(file_id))
        finally:
            part.unlink(missing_ok=True)
        return file_id

    def read(self, file_id: UUID) -> bytes:
        """All bytes; FileMissing if there is no such file; SealBroken if it was altered."""
        return b"".join(self._chunks(file_id))

    def owner(self, file_id: UUID) -> str:
        """Whose it is; FileMissing if there is no such file; SealBroken if it was altered."""
        with self._opened(file_id) as source:
            return read_record(source, self._sealer, _place(file_id, OWNER)).decode()

    def remove(self, file_id: UUID) -> None:
        """Forget the file; no error if it is gone already."""
        self._path(file_id).unlink(missing_ok=True)

    def forget_older_than(self, seconds: float) -> int:
        """Remove what was uploaded longer ago than that, wanted or not; how many there were."""
        if not self._folder.is_dir():
            return 0
        limit = time.time() - seconds
        old = [path for path in self._folder.iterdir() if path.stat().st_mtime < limit]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def _chunks(self, file_id: UUID) -> Iterator[bytes]:
        with self._opened(file_id) as source:
            read_record(source, self._sealer, _place(file_id, OWNER))
            for index in count():
                chunk = read_record(source, self._sealer, _place(file_id, index))
                if not chunk:
                    return
                yield chunk

    def _opened(self, file_id: UUID) -> BinaryIO:
        try:
            return self._path(file_id).open("rb")
        except FileNotFoundError as error:
            raise FileMissing(str(file_id)) from error

    def _path(self, file_id: UUID) -> Path:
        return self._folder / file_id.hex


def _place(file_id: UUID, index: int) -> bytes:
    return file_id.bytes + struct.pack(">I", index)


def _rechunk(chunks: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= CHUNK_BYTES:
            yield bytes(held[:CHUNK_BYTES])
            del held[:CHUNK_BYTES]
    if held:
        yield bytes(held)
