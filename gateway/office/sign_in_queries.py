"""What the office answers about who stands in for whom, and which families can sign in."""

from uuid import UUID

from chassis.paging import asked_area, id_cursor
from chassis.work import Work
from contracts.gateway import (
    DelegationList,
    DelegationRow,
    FamilyAccountPage,
    FamilyAccountRow,
    ListDelegations,
    ListFamilyAccounts,
)
from gateway.office.store import delegations, family_access


def list_delegations(work: Work, _: ListDelegations) -> DelegationList:
    """The actor's own, given and taken."""
    found = delegations.of(work.connection, UUID(work.actor.id))
    rows = (
        DelegationRow.model_validate(
            {**vars(one), "delegation_id": one.id, "from_account_id": one.from_id, "to_account_id": one.to_id}
        )
        for one in found
    )
    return DelegationList(items=tuple(rows))


def list_family_accounts(work: Work, query: ListFamilyAccounts) -> FamilyAccountPage:
    """Families' accounts of an area, or the one of a household."""
    place = family_access.Place(id_cursor(query), query.limit + 1, query.household_id)
    found = family_access.page(work.connection, place, within=asked_area(work, query))
    rows = tuple(
        FamilyAccountRow.model_validate(
            {
                **vars(account),
                "account_id": account.id,
                "household_id": account.subject_id,
                "cards": tuple(map(vars, cards)),
            }
        )
        for account, cards in found[: query.limit]
    )
    return FamilyAccountPage(items=rows, next_cursor=str(rows[-1].account_id) if len(found) > query.limit else None)
