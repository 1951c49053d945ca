"""How families sign in: a worker of their own area opens their account, and hands over a one-time code or a card."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from contracts.actor import OFFICERS
from contracts.area import AreaCode
from contracts.messages import Answer, Command, Created, Done, Page, Route, View, command, query


class CodeIssued(Answer):
    """A one-time code: with it and the user name the family signs in once, within a quarter of an hour."""

    told_once: ClassVar[frozenset[str]] = frozenset({"username", "code"})

    code_id: UUID
    expires_at: datetime
    username: str | None = None
    code: str | None = None


class CardIssued(Answer):
    """A card to print: `card` is what stands in the QR code (`qr` is SVG). The PIN is told apart from it."""

    told_once: ClassVar[frozenset[str]] = frozenset({"card", "qr", "pin"})

    card_id: UUID
    card: str | None = None
    qr: str | None = None
    pin: str | None = None


@command(
    "gateway.open_family_account",
    resource="family_account",
    action="create",
    route=Route("POST", "/v1/family-accounts", 201),
    answer=Created,
    roles=OFFICERS,
)
class OpenFamilyAccount(Command):
    """Open the account of a household of your area, without a password; a household that has one keeps it."""

    household_id: UUID
    area_code: AreaCode


@command(
    "gateway.issue_code",
    resource="one_time_code",
    action="create",
    route=Route("POST", "/v1/family-accounts/{account_id}/code", 201),
    answer=CodeIssued,
    roles=OFFICERS,
)
class IssueCode(Command):
    """Make a one-time code for a family of your area, to hand over; the one before it ends."""

    account_id: UUID


@command(
    "gateway.revoke_code",
    resource="one_time_code",
    action="revoke",
    route=Route("POST", "/v1/family-accounts/{account_id}/code/revoke"),
    answer=Done,
    roles=OFFICERS,
)
class RevokeCode(Command):
    """Take back the code of a family of your area that was not used yet."""

    account_id: UUID


@command(
    "gateway.issue_card",
    resource="card",
    action="create",
    route=Route("POST", "/v1/family-accounts/{account_id}/cards", 201),
    answer=CardIssued,
    roles=OFFICERS,
)
class IssueCard(Command):
    """Make a card with a PIN for a family of your area."""

    account_id: UUID


@command(
    "gateway.revoke_card",
    resource="card",
    action="revoke",
    route=Route("POST", "/v1/cards/{card_id}/revoke"),
    answer=Done,
    roles=OFFICERS,
)
class RevokeCard(Command):
    """Let a card of a family of your area open nothing any more; the family's sessions end."""

    card_id: UUID


class CardHeld(View):
    """A card that still opens an account, and which account handed it over when."""

    card_id: UUID
    issued_by: str
    issued_at: datetime


class FamilyAccountRow(View):
    """A family's account, and its cards that still open it."""

    account_id: UUID
    household_id: UUID
    username: str
    area_code: str
    cards: tuple[CardHeld, ...]


class FamilyAccountPage(View):
    """A page of families' accounts in the order they were made."""

    items: tuple[FamilyAccountRow, ...]
    next_cursor: str | None


@query(
    "gateway.list_family_accounts",
    answer=FamilyAccountPage,
    roles=OFFICERS,
    route=Route("GET", "/v1/family-accounts"),
)
class ListFamilyAccounts(Page):
    """The families of your area that can sign in."""

    household_id: UUID | None = None
