"""The office's table of contents."""

from chassis.service import Service
from contracts.gateway import (
    CloseAccount,
    CreateAccount,
    CreatePartnerKey,
    LinkIdentity,
    ListAccounts,
    ListIdentities,
    ListPartnerKeys,
    RevokePartnerKey,
    RotatePartnerKey,
    UnlinkIdentity,
)
from gateway.office import queries, usecases

OFFICE = Service(
    name="gateway",
    commands={
        CreateAccount: usecases.create_account,
        CloseAccount: usecases.close_account,
        LinkIdentity: usecases.link_identity,
        UnlinkIdentity: usecases.unlink_identity,
        CreatePartnerKey: usecases.create_partner_key,
        RotatePartnerKey: usecases.rotate_partner_key,
        RevokePartnerKey: usecases.revoke_partner_key,
    },
    queries={
        ListAccounts: queries.list_accounts,
        ListIdentities: queries.list_identities,
        ListPartnerKeys: queries.list_partner_keys,
    },
)
