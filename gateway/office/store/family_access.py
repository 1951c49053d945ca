"""All SQL about how families sign in: their accounts, one-time codes and cards."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.actor import Role
from contracts.area import AreaScope
from gateway.office.store import accounts
from gateway.office.store.accounts import SHOWN, Account
from gateway.office.tables import account, card, one_time_code, session

GUESSES = 5
HOME = sa.text("select area_code from entity where entity = :entity and area_code >= :lower and area_code < :upper")
WRONG_PINS = 10
IS_FAMILY = sa.and_(account.c.active, account.c.roles == sa.cast([Role.FAMILY_MEMBER.value], account.c.roles.type))
"""Nothing but a family member: no officer gets past the second factor with a slip of paper."""

BEARS_A_GUESS = sa.and_(card.c.revoked_at.is_(None), card.c.wrong_pins < WRONG_PINS)


@dataclass(frozen=True)
class Issued:
    """A one-time code or a card as it is kept."""

    id: UUID
    account_id: UUID
    digest: bytes
    issued_by: str
    issued_at: datetime


@dataclass(frozen=True)
class CardHeld:
    """A card that still opens an account, and who handed it over when."""

    card_id: UUID
    issued_by: str
    issued_at: datetime


@dataclass(frozen=True)
class CardKept:
    """A card that was shown: whose it is, and what its PIN is held against."""

    id: UUID
    account_id: UUID
    pin_hash: str


@dataclass(frozen=True)
class Place:
    """Where a page of families begins, how many it holds, and perhaps of which household."""

    after: UUID | None
    limit: int
    household_id: UUID | None


def family(connection: sa.Connection, account_id: UUID, *, within: AreaScope) -> Account | None:
    """The open account of a family in the area."""
    row = connection.execute(_families(within).where(account.c.id == account_id)).first()
    return accounts.account_of(row) if row else None


def home_of(connection: sa.Connection, household_id: UUID, *, within: AreaScope) -> str | None:
    """Where a household lives, if that is in the area: as the gateway's database has heard of it."""
    place = {"entity": f"household:{household_id}", "lower": within.code, "upper": within.upper}
    found: str | None = connection.scalar(HOME, place)
    return found


def family_of(connection: sa.Connection, household_id: UUID, *, within: AreaScope) -> Account | None:
    """The open account of this household, if the area has one."""
    asked = _families(within).where(account.c.subject_id == household_id).order_by(account.c.id).limit(1)
    row = connection.execute(asked).first()
    return accounts.account_of(row) if row else None


def page(
    connection: sa.Connection, at: Place, *, within: AreaScope
) -> Sequence[tuple[Account, tuple[CardHeld, ...]]]:
    """Family accounts of an area with their cards, in the order they were made."""
    asked = _families(within).order_by(account.c.id).limit(at.limit)
    if at.after is not None:
        asked = asked.where(account.c.id > at.after)
    if at.household_id is not None:
        asked = asked.where(account.c.subject_id == at.household_id)
    found = [accounts.account_of(row) for row in connection.execute(asked)]
    cards: dict[UUID, tuple[CardHeld, ...]] = {one.id: () for one in found}
    held = sa.select(card.c.id, card.c.account_id, card.c.issued_by, card.c.issued_at).where(
        card.c.account_id.in_(list(cards)), card.c.revoked_at.is_(None)
    )
    for row in connection.execute(held.order_by(card.c.id)):
        cards[row.account_id] += (CardHeld(row.id, row.issued_by, row.issued_at),)
    return [(one, cards[one.id]) for one in found]


def issue_code(connection: sa.Connection, new: Issued, until: datetime) -> None:
    """A one-time code; the one before it is over."""
    take_back_code(connection, new.account_id, new.issued_at)
    connection.execute(sa.insert(one_time_code).values(**vars(new), expires_at=until))


def take_back_code(connection: sa.Connection, account_id: UUID, now: datetime) -> bool:
    """The account's code is over; False if it had none."""
    taken = connection.execute(
        sa.update(one_time_code)
        .where(one_time_code.c.account_id == account_id, one_time_code.c.over_at.is_(None))
        .values(over_at=now)
    )
    return bool(taken.rowcount)


def take_code(connection: sa.Connection, account_id: UUID, digest: bytes, now: datetime) -> bool:
    """Use up the code if this is it. A guess is counted before it is looked at; after five the code is worth nothing."""
    kept = connection.execute(
        sa.update(one_time_code)
        .where(
            one_time_code.c.account_id == account_id,
            one_time_code.c.over_at.is_(None),
            one_time_code.c.expires_at > now,
            one_time_code.c.guesses < GUESSES,
            one_time_code.c.account_id.in_(sa.select(account.c.id).where(IS_FAMILY)),
        )
        .values(guesses=one_time_code.c.guesses + 1)
        .returning(one_time_code.c.id, one_time_code.c.digest)
    ).first()
    if kept is None or not hmac.compare_digest(bytes(kept.digest), digest):
        return False
    connection.execute(sa.update(one_time_code).where(one_time_code.c.id == kept.id).values(over_at=now))
    return True


def add_card(connection: sa.Connection, new: Issued, pin_hash: str) -> None:
    """A card; others of the account still count."""
    connection.execute(sa.insert(card).values(**vars(new), pin_hash=pin_hash))


def revoke_card(connection: sa.Connection, card_id: UUID, now: datetime, *, within: AreaScope) -> UUID | None:
    """The card opens nothing any more; whose it was, None if there is none in the area that still did."""
    theirs = sa.select(account.c.id).where(account.c.area_code >= within.code, account.c.area_code < within.upper)
    revoked = connection.execute(
        sa.update(card)
        .where(card.c.id == card_id, card.c.revoked_at.is_(None), card.c.account_id.in_(theirs))
        .values(revoked_at=now)
        .returning(card.c.account_id)
    ).first()
    return revoked.account_id if revoked else None


def card_shown(connection: sa.Connection, digest: bytes) -> CardKept | None:
    """The card with this secret, if it still opens a family's account."""
    row = connection.execute(
        sa.select(card.c.id, card.c.account_id, card.c.pin_hash).where(
            card.c.digest == digest,
            BEARS_A_GUESS,
            card.c.account_id.in_(sa.select(account.c.id).where(IS_FAMILY)),
        )
    ).first()
    return CardKept(row.id, row.account_id, row.pin_hash) if row else None


def count_pin(connection: sa.Connection, card_id: UUID) -> bool:
    """Count a PIN as wrong until `card_held` says otherwise; False if ten in a row have ended the card."""
    counted = connection.execute(
        sa.update(card).where(card.c.id == card_id, BEARS_A_GUESS).values(wrong_pins=card.c.wrong_pins + 1)
    )
    return bool(counted.rowcount)


def card_held(connection: sa.Connection, card_id: UUID) -> bool:
    """The PIN was right; False if the card was revoked while that was found out."""
    held = connection.execute(
        sa.update(card).where(card.c.id == card_id, card.c.revoked_at.is_(None)).values(wrong_pins=0)
    )
    return bool(held.rowcount)


def end_issued_by(connection: sa.Connection, issuer: UUID, now: datetime) -> None:
    """No card or code from this account opens anything any more, and whoever may be in by one is out."""
    cards, codes = card.c.issued_by == str(issuer), one_time_code.c.issued_by == str(issuer)
    connection.execute(sa.update(card).where(cards, card.c.revoked_at.is_(None)).values(revoked_at=now))
    connection.execute(sa.update(one_time_code).where(codes, one_time_code.c.over_at.is_(None)).values(over_at=now))
    given = sa.select(card.c.account_id).where(cards).union(sa.select(one_time_code.c.account_id).where(codes))
    connection.execute(
        sa.update(session)
        .where(
            session.c.account_id.in_(given), session.c.origin.in_(("card", "code")), session.c.ended_at.is_(None)
        )
        .values(ended_at=now)
    )


def purge_codes(connection: sa.Connection, before: datetime) -> int:
    """Forget codes that expired before this; how many."""
    return connection.execute(sa.delete(one_time_code).where(one_time_code.c.expires_at < before)).rowcount


def _families(within: AreaScope) -> sa.Select[tuple[Any, ...]]:
    return sa.select(*SHOWN).where(
        IS_FAMILY, account.c.area_code >= within.code, account.c.area_code < within.upper
    )
