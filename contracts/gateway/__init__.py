"""What the front door itself is told and asked. It says nothing: no service waits for its events."""

from contracts.gateway.commands import CloseAccount, CreateAccount
from contracts.gateway.queries import AccountPage, AccountRow, ListAccounts
from contracts.messages import Event

__all__ = [
    "COMMANDS",
    "EVENTS",
    "QUERIES",
    "AccountPage",
    "AccountRow",
    "CloseAccount",
    "CreateAccount",
    "ListAccounts",
]

EVENTS: tuple[type[Event], ...] = ()
COMMANDS = (CreateAccount, CloseAccount)
QUERIES = (ListAccounts,)
