"""What the office does."""

from gateway.office.usecases.accounts import close_account, create_account
from gateway.office.usecases.identities import link_identity, unlink_identity
from gateway.office.usecases.partner_keys import create_partner_key, revoke_partner_key, rotate_partner_key
from gateway.office.usecases.rules import end_exemption, exempt_from_rule, set_rule_mode

__all__ = [
    "close_account",
    "create_account",
    "create_partner_key",
    "end_exemption",
    "exempt_from_rule",
    "link_identity",
    "revoke_partner_key",
    "rotate_partner_key",
    "set_rule_mode",
    "unlink_identity",
]
