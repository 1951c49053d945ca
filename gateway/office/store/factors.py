"""All SQL about second factors and recovery codes."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from gateway.office.tables import recovery_code, second_factor


def confirmed(connection: sa.Connection, account_id: UUID) -> bytes | None:
    """The sealed secret of an account's second factor; None if it has none."""
    asked = sa.select(second_factor.c.sealed).where(second_factor.c.account_id == account_id)
    found = connection.scalar(asked)
    return bytes(found) if found else None


def propose(connection: sa.Connection, account_id: UUID, sealed: bytes, until: datetime) -> None:
    """A new secret that counts once it is confirmed; one that was proposed before is forgotten."""
    pending = {"pending": sealed, "pending_until": until}
    added = insert(second_factor).values(account_id=account_id, **pending)
    connection.execute(added.on_conflict_do_update(index_elements=[second_factor.c.account_id], set_=pending))


def proposed(connection: sa.Connection, account_id: UUID, now: datetime) -> bytes | None:
    """The sealed secret that waits to be confirmed."""
    asked = sa.select(second_factor.c.pending).where(
        second_factor.c.account_id == account_id, second_factor.c.pending_until > now
    )
    found = connection.scalar(asked)
    return bytes(found) if found else None


def confirm(connection: sa.Connection, account_id: UUID, sealed: bytes, step: int, now: datetime) -> bool:
    """The proposed secret counts from now on, and this code's step is used; False if another one was proposed since."""
    taken = connection.execute(
        sa.update(second_factor)
        .where(second_factor.c.account_id == account_id, second_factor.c.pending == sealed)
        .values(sealed=sealed, confirmed_at=now, last_step=step, pending=None, pending_until=None)
    )
    return bool(taken.rowcount)


def take_step(connection: sa.Connection, account_id: UUID, step: int) -> bool:
    """Use up a time step; False if it, or a later one, was used before."""
    unused = second_factor.c.last_step.is_(None) | (second_factor.c.last_step < step)
    taken = connection.execute(
        sa.update(second_factor).where(second_factor.c.account_id == account_id, unused).values(last_step=step)
    )
    return bool(taken.rowcount)


def keep_recovery_codes(connection: sa.Connection, account_id: UUID, digests: Iterable[bytes]) -> None:
    """These recovery codes and no others."""
    connection.execute(sa.delete(recovery_code).where(recovery_code.c.account_id == account_id))
    rows = [{"account_id": account_id, "digest": digest} for digest in digests]
    connection.execute(sa.insert(recovery_code), rows)


def take_recovery_code(connection: sa.Connection, account_id: UUID, digest: bytes, now: datetime) -> bool:
    """Use up a recovery code; False if it is none of this account's, or was used before."""
    taken = connection.execute(
        sa.update(recovery_code)
        .where(
            recovery_code.c.account_id == account_id,
            recovery_code.c.digest == digest,
            recovery_code.c.used_at.is_(None),
        )
        .values(used_at=now)
    )
    return bool(taken.rowcount)


def forget(connection: sa.Connection, account_id: UUID) -> bool:
    """Take an account's second factor away, its recovery codes too; False if it had none."""
    connection.execute(sa.delete(recovery_code).where(recovery_code.c.account_id == account_id))
    gone = connection.execute(sa.delete(second_factor).where(second_factor.c.account_id == account_id))
    return bool(gone.rowcount)
