"""Roots of the record, noted outside the databases: without them nobody could tell that its newest rows were cut off."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from chassis.settings import Settings

FILE = "roots.log"


class NotARoot(ValueError):
    """A line that says no time, database, number and hash."""


@dataclass(frozen=True)
class Root:
    """The newest row of one database's record at a moment. As a line: time, database, number, hash."""

    at: datetime
    database: str
    number: int
    digest: bytes

    def __str__(self) -> str:
        moment = self.at.astimezone(UTC).isoformat(timespec="seconds")
        return f"{moment} {self.database} {self.number} {self.digest.hex() or '-'}"

    @classmethod
    def read(cls, line: str) -> "Root":
        """The root that a line says, also one typed in from paper. NotARoot otherwise."""
        try:
            moment, database, number, digest = line.split()
            at = datetime.fromisoformat(moment)
            return cls(at, database, int(number), b"" if digest == "-" else bytes.fromhex(digest))
        except ValueError:
            raise NotARoot(line.strip()) from None

    @property
    def pair(self) -> tuple[int, bytes]:
        """As `audit.verify` takes it."""
        return self.number, self.digest


class Roots:
    """The installation's file of noted roots. It is only ever appended to, and only its owner reads it."""

    def __init__(self, settings: Settings) -> None:
        self.file = settings.record_roots_folder / FILE

    def append(self, roots: Iterable[Root]) -> None:
        """Note these; they are on the disk when this returns."""
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, "".join(f"{root}\n" for root in roots).encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def newest(self) -> Mapping[str, Root]:
        """Database -> its newest note; empty if nothing was ever noted. NotARoot if a line is none."""
        return newest(self.file.read_text().splitlines()) if self.file.exists() else {}


def newest(lines: Iterable[str]) -> Mapping[str, Root]:
    """Database -> the last root that these lines say of it."""
    return {root.database: root for root in map(Root.read, filter(str.strip, lines))}
