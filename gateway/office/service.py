"""The office's table of contents."""

from chassis.service import Service
from contracts.gateway import CloseAccount, CreateAccount, ListAccounts
from gateway.office import queries, usecases

OFFICE = Service(
    name="gateway",
    commands={
        CreateAccount: usecases.create_account,
        CloseAccount: usecases.close_account,
    },
    queries={
        ListAccounts: queries.list_accounts,
    },
)
