"""What somebody does with an authenticator: sets it up, reads its codes, signs in with them."""

import base64
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from contracts.actor import Role
from tests.support.front_door import COUNTY, PASSWORD, FrontDoor

STEP = 30


@dataclass
class Person:
    """Somebody with an account, and the authenticator that they set up."""

    door: FrontDoor
    username: str
    id: UUID
    secret: bytes = b""
    recovery_codes: tuple[str, ...] = ()
    token: str = ""

    def password(self, password: str = PASSWORD) -> httpx.Response:
        """The first step of signing in."""
        return opened(self.door, "/v1/session", {"username": self.username, "password": password})

    def half(self) -> httpx.Client:
        """Somebody who did the first step."""
        return self.door.signed_in(self.password().json()["token"])

    def second(self, code: str, half: httpx.Client | None = None) -> httpx.Response:
        """The second step of signing in."""
        with half or self.half() as http:
            return http.post("/v1/session/second-step", json={"code": code})

    def enrol(self, http: httpx.Client) -> httpx.Response:
        """Set an authenticator up; the answer to its first code."""
        begun = http.post("/v1/second-factor")
        assert begun.status_code == 201, begun.text
        self.secret = secret_in(begun.json()["uri"])
        confirmed = http.post("/v1/second-factor/confirmation", json={"code": self.code()})
        assert confirmed.status_code == 201, confirmed.text
        self.recovery_codes = tuple(confirmed.json()["recovery_codes"])
        self.token = confirmed.json()["token"]
        return confirmed

    def code(self, steps: int = 0) -> str:
        """What the authenticator shows now, or that many steps later."""
        totp = TOTP(self.secret, 6, SHA1(), STEP)
        return totp.generate(int(time.time()) + steps * STEP).decode()

    def step_passes(self) -> None:
        """As if no code of these minutes had been used: the next one comes only in half a minute."""
        self.door.change("update second_factor set last_step = null where account_id = :id", id=self.id)


def somebody(door: FrontDoor, *roles: Role, area: str = COUNTY) -> Person:
    """Somebody without an authenticator."""
    return Person(door, *door.account(*roles, area=area))


def enrolled(door: FrontDoor, *roles: Role, area: str = COUNTY) -> Person:
    """Somebody with an authenticator whose first code is used."""
    person = somebody(door, *roles, area=area)
    with person.half() as http:
        person.enrol(http)
    return person


def opened(door: FrontDoor, path: str, body: dict[str, Any]) -> httpx.Response:
    """What nobody in particular is answered."""
    with door.anybody() as http:
        return http.post(path, json=body)


def secret_in(uri: str) -> bytes:
    """What an authenticator reads out of the URI."""
    (secret,) = parse_qs(urlsplit(uri).query)["secret"]
    return base64.b32decode(secret + "=" * (-len(secret) % 8))
