"""What the office answers."""

from chassis.paging import asked_area, id_cursor
from chassis.work import Work
from contracts.gateway import AccountPage, AccountRow, ListAccounts
from gateway.office.store import accounts


def list_accounts(work: Work, query: ListAccounts) -> AccountPage:
    """The accounts in an area, in the order they were made."""
    found = accounts.page(work.connection, id_cursor(query), query.limit + 1, within=asked_area(work, query))
    rows = tuple(AccountRow.model_validate(vars(account)) for account in found[: query.limit])
    return AccountPage(items=rows, next_cursor=str(rows[-1].id) if len(found) > query.limit else None)
