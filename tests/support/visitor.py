"""A person in front of the gateway who also sends what no client would: any path, any body, and looks at bare answers."""

from collections.abc import Iterator
from typing import Any

import httpx

from kith.client import Client, Manner, Problem

ONCE = Manner(tries=1)


class Visitor(Client):
    """The client of the product, and bare requests beside it; never tries again by itself."""

    @classmethod
    def enter(cls, base_url: str, username: str, password: str, purpose: str | None = None) -> "Visitor":
        """A session of this account."""
        return cls.sign_in(base_url, username, password, purpose, ONCE)

    def try_post(self, path: str, body: dict[str, Any] | None = None, key: str | None = None) -> httpx.Response:
        """Send a command, whatever the answer."""
        keyed = {"Idempotency-Key": key} if key else {}
        return self.http.post(path, json=body or {}, headers={**self._headers(), **keyed})

    def post(self, path: str, body: dict[str, Any] | None = None, key: str | None = None) -> dict[str, Any]:
        """Send a command that must succeed."""
        return _read(self.try_post(path, body, key))

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """Ask something that must be answered."""
        wanted = {name: value for name, value in params.items() if value is not None}
        return _read(self.http.get(path, params=wanted, headers=self._headers()))

    def items(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """All items of a list, page by page."""
        return self.pages(path, {"limit": 500, **params})


def _read(response: httpx.Response) -> dict[str, Any]:
    if response.status_code >= 300:
        raise Problem(response)
    answer: dict[str, Any] = response.json()
    return answer
