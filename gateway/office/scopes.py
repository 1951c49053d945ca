"""What the key of a partner may be for: messages of services that the role partner may send, and nothing of the gateway's own."""

from contracts.actor import Role
from contracts.catalogue import COMMANDS, QUERIES, owner
from contracts.messages import Command, Query

GATEWAY = "gateway"


def grantable() -> frozenset[str]:
    """The operations that a key can be given. Sign-in, accounts and approvals need a person and are never among them."""
    kinds: tuple[type[Command] | type[Query], ...] = (*COMMANDS.values(), *QUERIES.values())
    return frozenset(kind.spec.name for kind in kinds if fit(kind))


def fit(kind: type[Command] | type[Query]) -> bool:
    """Whether a partner's program may be let do this."""
    spec = kind.spec
    asks_somebody = issubclass(kind, Command) and kind.spec.second is not None
    mine = Role.PARTNER in spec.roles and spec.route is not None
    return mine and owner(spec.name) != GATEWAY and not asks_somebody
