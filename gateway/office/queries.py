"""What the office answers."""

from chassis.paging import asked_area, id_cursor
from chassis.work import Work
from contracts.gateway import (
    AccountPage,
    AccountRow,
    IdentityPage,
    IdentityRow,
    ListAccounts,
    ListIdentities,
    ListPartnerKeys,
    PartnerKeyPage,
    PartnerKeyRow,
)
from gateway.office.store import accounts, identities, partner_keys


def list_accounts(work: Work, query: ListAccounts) -> AccountPage:
    """The accounts in an area, in the order they were made."""
    found = accounts.page(work.connection, id_cursor(query), query.limit + 1, within=asked_area(work, query))
    rows = tuple(AccountRow.model_validate({**vars(one), "account_id": one.id}) for one in found[: query.limit])
    return AccountPage(items=rows, next_cursor=str(rows[-1].account_id) if len(found) > query.limit else None)


def list_identities(work: Work, query: ListIdentities) -> IdentityPage:
    """Who may sign in as accounts of an area, in the order they were linked."""
    found = identities.page(work.connection, id_cursor(query), query.limit + 1, within=asked_area(work, query))
    rows = tuple(IdentityRow.model_validate({**vars(one), "identity_id": one.id}) for one in found[: query.limit])
    return IdentityPage(items=rows, next_cursor=str(rows[-1].identity_id) if len(found) > query.limit else None)


def list_partner_keys(work: Work, query: ListPartnerKeys) -> PartnerKeyPage:
    """The keys of partners in an area, in the order they were made."""
    found = partner_keys.page(work.connection, id_cursor(query), query.limit + 1, within=asked_area(work, query))
    rows = tuple(PartnerKeyRow.model_validate({**vars(one), "key_id": one.id}) for one in found[: query.limit])
    return PartnerKeyPage(items=rows, next_cursor=str(rows[-1].key_id) if len(found) > query.limit else None)
