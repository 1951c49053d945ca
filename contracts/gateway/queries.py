"""What the front door itself can be asked."""

from uuid import UUID

from contracts.actor import Role
from contracts.gateway.commands import OPERATOR
from contracts.messages import Page, Route, View, query


class AccountRow(View):
    """One account."""

    account_id: UUID
    username: str
    roles: tuple[Role, ...]
    area_code: str
    subject_id: UUID | None
    active: bool


class AccountPage(View):
    """A page of accounts in the order they were made."""

    items: tuple[AccountRow, ...]
    next_cursor: str | None


@query("gateway.list_accounts", answer=AccountPage, roles=OPERATOR, route=Route("GET", "/v1/accounts"))
class ListAccounts(Page):
    """The accounts in your own area."""
