"""A sign-in on its way to the identity provider and back: what only the browser that began it carries, sealed."""

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, ValidationError

from chassis.sealing import SealBroken, Sealer

LIFE = timedelta(minutes=10)
LONGEST_COOKIE = 4_096


class AttemptLost(Exception):
    """There is no such attempt, or it is another browser's, or it took too long."""


class Attempt(BaseModel):
    """One sign-in: `state` comes back in the address, `nonce` in the ID token, `verifier` proves who asks for it (PKCE)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str
    state: str
    nonce: str
    verifier: str
    until: datetime

    @classmethod
    def begin(cls, issuer: str, now: datetime) -> "Attempt":
        """A new one, with 256 random bits in each of the three."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(issuer=issuer, state=state, nonce=nonce, verifier=verifier, until=now + LIFE)

    @property
    def challenge(self) -> str:
        """What the provider is shown of the verifier (RFC 7636, S256)."""
        return _plain(hashlib.sha256(self.verifier.encode()).digest())

    @property
    def digest(self) -> bytes:
        """What is remembered of it once it came back."""
        return hashlib.sha256(self.state.encode()).digest()

    def is_of(self, state: str, now: datetime) -> bool:
        """Whether it is this one that comes back, in time."""
        return hmac.compare_digest(self.state.encode(), state.encode()) and now < self.until


class Attempts:
    """Seals attempts into cookies and opens them again."""

    def __init__(self, key: bytes) -> None:
        self._sealer = Sealer(key)

    def seal(self, attempt: Attempt) -> str:
        """The cookie's value."""
        return _plain(self._sealer.seal(attempt.model_dump_json().encode()))

    def open(self, cookie: str | None) -> Attempt:
        """The attempt in the cookie; AttemptLost without one of ours."""
        if not cookie or len(cookie) > LONGEST_COOKIE:
            raise AttemptLost
        try:
            raw = base64.urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4))
            return Attempt.model_validate_json(self._sealer.open(raw))
        except (binascii.Error, SealBroken, ValidationError, ValueError) as error:
            raise AttemptLost from error


def _plain(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
