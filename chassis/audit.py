"""Who read and changed what, for what purpose: append-only and hash-chained, written in the same transaction."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa

from chassis.schema import audit, audit_head
from contracts.actor import Actor


@dataclass(frozen=True)
class Entry:
    """One line of the record: ids and codes."""

    at: datetime
    actor_id: str
    roles: str
    area: str
    purpose: str | None
    what: str
    about: str | None
    outcome: str
    decision_id: UUID | None

    @classmethod
    def by(
        cls, actor: Actor, at: datetime, what: str, *, about: str | None, outcome: str, decision: UUID | None
    ) -> "Entry":
        """An entry for what this actor does. Whom they stand in for, or who assists them, stands behind their roles."""
        roles = ",".join(sorted(actor.roles))
        if actor.on_behalf_of:
            roles += f" for {actor.on_behalf_of}"
        if actor.assisted_by:
            roles += f" with {actor.assisted_by}"
        return cls(at, actor.id, roles, actor.area, actor.purpose, what, about, outcome, decision)

    def digest(self, number: int, previous: bytes) -> bytes:
        """SHA-256 over the previous hash, the number and the content."""
        at, *others = vars(self).values()
        plain = [number, at.astimezone(UTC).isoformat(), *map(str, others)]
        return hashlib.sha256(previous + json.dumps(plain, ensure_ascii=True).encode()).digest()


def append(connection: sa.Connection, entries: Sequence[Entry]) -> None:
    """Chain the entries on. Takes the chain's row lock: call it last before commit."""
    if not entries:
        return
    head = connection.execute(sa.select(audit_head).with_for_update()).one()
    number, last = head.id, bytes(head.hash)
    rows = []
    for entry in entries:
        number += 1
        last = entry.digest(number, last)
        rows.append({"id": number, "hash": last, **vars(entry)})
    connection.execute(sa.insert(audit), rows)
    connection.execute(sa.update(audit_head).values(id=number, hash=last))


@dataclass(frozen=True)
class Broken:
    """The first place at which the chain does not hold."""

    number: int
    what: str


def verify(connection: sa.Connection, root: tuple[int, bytes] | None = None) -> tuple[int, Broken | None]:
    """Walk the chain: (rows that hold, the first break or None).

    Finds an edited, deleted or reordered row; a truncated end, or a chain made anew, only against `root`, a (number,
    hash) that was noted outside the database. While others write, ask in a transaction that sees one moment
    (`repeatable read`). Rows are streamed.
    """
    count, previous = 0, b""
    reached: dict[int, bytes] = {}
    for number, entry, digest in _walk(connection):
        if number != count + 1:
            return count, Broken(count + 1, "missing")
        if entry.digest(number, previous) != digest:
            return count, Broken(number, "altered")
        count, previous = number, digest
        if root and number == root[0]:
            reached[number] = digest
    if head(connection) != (count, previous):
        return count, Broken(count + 1, "truncated")
    if root and root[0] and reached.get(root[0]) != root[1]:
        return count, Broken(root[0], "not the chain whose root was noted")
    return count, None


def head(connection: sa.Connection) -> tuple[int, bytes]:
    """The number and hash of the newest row: the root to be noted outside. Number -1 if the head itself is gone."""
    row = connection.execute(sa.select(audit_head)).first()
    return (row.id, bytes(row.hash)) if row else (-1, b"")


def holds(connection: sa.Connection, root: tuple[int, bytes]) -> bool:
    """Whether the row of this number still has the hash that was noted. Looks at that row alone."""
    number, digest = root
    found = connection.scalar(sa.select(audit.c.hash).where(audit.c.id == number))
    return number == 0 or (found is not None and bytes(found) == digest)


def _walk(connection: sa.Connection) -> Iterator[tuple[int, Entry, bytes]]:
    for row in connection.execute(sa.select(audit).order_by(audit.c.id).execution_options(yield_per=1000)):
        found = row._mapping
        fields = {name: found[name] for name in Entry.__dataclass_fields__}
        yield found["id"], Entry(**fields), bytes(found["hash"])
