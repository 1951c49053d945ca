"""A typed client of the gateway: one method per operation, made by `kith docs` from the document that the gateway serves.

It knows HTTP and nothing else of Kith. `kith story` and `kith seed` speak through it, and so may anybody's program:

    client = Client.sign_in("http://127.0.0.1:8080", "county", password, purpose="survey")
    for pair in client.list_matches(state="active"):
        print(pair["household_number"], pair["helper_number"])
"""

from typing import Self

from kith.client.calling import Manner, Problem, TakenIn
from kith.client.operations import Operations

__all__ = ["Client", "Manner", "Problem", "TakenIn"]


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
