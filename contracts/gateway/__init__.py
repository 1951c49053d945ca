"""What the front door itself is told and asked. It says nothing: no service waits for its events."""

from contracts.gateway.commands import CloseAccount, CreateAccount
from contracts.gateway.identities import (
    IdentityPage,
    IdentityRow,
    LinkIdentity,
    ListIdentities,
    UnlinkIdentity,
)
from contracts.gateway.partner_keys import (
    CreatePartnerKey,
    ListPartnerKeys,
    PartnerKeyMade,
    PartnerKeyPage,
    PartnerKeyRow,
    RevokePartnerKey,
    RotatePartnerKey,
)
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
    "CreatePartnerKey",
    "IdentityPage",
    "IdentityRow",
    "LinkIdentity",
    "ListAccounts",
    "ListIdentities",
    "ListPartnerKeys",
    "PartnerKeyMade",
    "PartnerKeyPage",
    "PartnerKeyRow",
    "RevokePartnerKey",
    "RotatePartnerKey",
    "UnlinkIdentity",
]

EVENTS: tuple[type[Event], ...] = ()
COMMANDS = (
    CreateAccount,
    CloseAccount,
    LinkIdentity,
    UnlinkIdentity,
    CreatePartnerKey,
    RotatePartnerKey,
    RevokePartnerKey,
)
QUERIES = (ListAccounts, ListIdentities, ListPartnerKeys)
