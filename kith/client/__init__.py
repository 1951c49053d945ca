"""A typed client of the gateway: one method per operation, made by `kith docs` from the document that the gateway serves.

It knows HTTP and nothing else of Kith. `kith story` and `kith seed` speak through it, and so may anybody's program:

    client = Client.sign_in("http://127.0.0.1:8080", "county", password, purpose="survey")
    for pair in client.list_matches(state="active"):
        print(pair["household_number"], pair["helper_number"])
"""

from collections.abc import Iterable
from typing import Self

from kith.client.calling import Manner, Problem, TakenIn
from kith.client.operations import Operations

__all__ = ["Client", "Manner", "Problem", "ScopesTooNarrow", "TakenIn"]


class ScopesTooNarrow(Exception):
    """A partner's key is not for all that its program needs; `missing` names the scopes."""

    def __init__(self, missing: frozenset[str]) -> None:
        super().__init__(f"the key lacks {', '.join(sorted(missing))}: ask the operator for one that has it")
        self.missing = missing


class Client(Operations):
    """Somebody in front of the gateway."""

    @classmethod
    def sign_in(
        cls, base_url: str, username: str, password: str, purpose: str | None = None, manner: Manner | None = None
    ) -> Self:
        """A session of this account; Problem if there is none."""
        client = cls.at(base_url, manner)
        client.token = client.session_open(username=username, password=password)["token"]
        client.purpose = purpose
        return client

    @classmethod
    def with_key(cls, base_url: str, key: str, needs: Iterable[str], manner: Manner | None = None) -> Self:
        """A partner's program; ScopesTooNarrow, before it does anything by halves, if its key lacks what it `needs`."""
        client = cls.at(base_url, manner)
        client.token = key
        if missing := frozenset(needs) - set(client.partner_key_own()["scopes"]):
            raise ScopesTooNarrow(missing)
        return client
