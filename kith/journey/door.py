"""A person in front of the gateway: signs in, uploads, asks, sends; nothing but HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from kith import waiting

JOB_SECONDS = 120.0


class Unexpected(Exception):
    """The gateway answered something else than the step needs."""

    def __init__(self, response: httpx.Response) -> None:
        problem = problem_of(response)
        code = problem.get("code") or problem.get("title") or response.text[:200]
        super().__init__(f"{response.request.method} {response.request.url.path}: {response.status_code} {code}")
        self.response = response


def problem_of(response: httpx.Response) -> dict[str, Any]:
    """The problem details of an answer, or nothing."""
    if "json" not in response.headers.get("content-type", ""):
        return {}
    found = response.json()
    return found if isinstance(found, dict) else {}


@dataclass
class Visitor:
    """Somebody who is signed in."""

    http: httpx.Client
    token: str
    purpose: str | None = None

    @classmethod
    def sign_in(cls, base_url: str, username: str, password: str, purpose: str | None = None) -> Self:
        """A session of this account."""
        http = httpx.Client(base_url=base_url, timeout=60, trust_env=False)
        answer = http.post("/v1/session", json={"username": username, "password": password})
        if answer.status_code not in (200, 201):
            raise Unexpected(answer)
        return cls(http, answer.json()["token"], purpose)

    def _headers(self, key: str | None) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.token}"}
        if self.purpose:
            headers["Kith-Purpose"] = self.purpose
        if key:
            headers["Idempotency-Key"] = key
        return headers

    def try_post(self, path: str, body: dict[str, Any] | None = None, key: str | None = None) -> httpx.Response:
        """Send a command, whatever the answer."""
        return self.http.post(path, json=body or {}, headers=self._headers(key))

    def post(self, path: str, body: dict[str, Any] | None = None, key: str | None = None) -> dict[str, Any]:
        """Send a command that must succeed."""
        return self.read(self.try_post(path, body, key))

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """Ask something that must be answered."""
        wanted = {name: value for name, value in params.items() if value is not None}
        return self.read(self.http.get(path, params=wanted, headers=self._headers(None)))

    def pages(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """All items of a list, page by page."""
        cursor = None
        while True:
            page = self.get(path, cursor=cursor, limit=500, **params)
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def upload(self, file: Path) -> str:
        """Send a file; its id."""
        headers = {**self._headers(None), "Content-Type": "application/octet-stream"}
        with file.open("rb") as content:
            answer = self.read(self.http.post("/v1/files", content=content, headers=headers))
        return str(answer["file_id"])

    def until(self, path: str, done: tuple[str, ...]) -> dict[str, Any]:
        """Ask again until its `state` is one of `done`."""
        found: dict[str, Any] = {}

        def settled() -> bool:
            found.update(self.get(path))
            return found["state"] in done

        if not waiting.within(settled, JOB_SECONDS):
            raise TimeoutError(f"{path} is still {found.get('state')!r} after {JOB_SECONDS:.0f} s")
        return found

    def read(self, response: httpx.Response) -> dict[str, Any]:
        """What was answered; Unexpected if it was a no."""
        if response.status_code >= 300:
            raise Unexpected(response)
        answer: dict[str, Any] = response.json()
        return answer

    def leave(self) -> None:
        """Close the connection."""
        self.http.close()
