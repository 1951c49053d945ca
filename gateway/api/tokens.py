"""Bearer tokens: short JWTs that name a session and an account, and nothing about a person."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

ALGORITHM: Final = "HS256"
KIND: Final = "kith-session"
AUDIENCE: Final = "kith-gateway"
LIFE: Final = timedelta(hours=12)
LONGEST: Final = 2_048


class TokenRefused(Exception):
    """Not a token of ours that still counts."""


@dataclass(frozen=True)
class Bearer:
    """What a token says: which session of which account, from when until when."""

    jti: UUID
    account_id: UUID
    issued_at: datetime
    expires_at: datetime


class Tokens:
    """Issues and reads tokens with one pinned algorithm. `issuer` is the installation."""

    def __init__(self, key: bytes, issuer: str) -> None:
        self._key = OctKey.import_key(key)
        self._issuer = issuer

    def issue(self, bearer: Bearer) -> str:
        """The token of a session."""
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": str(bearer.account_id),
            "jti": str(bearer.jti),
            "iat": int(bearer.issued_at.timestamp()),
            "exp": int(bearer.expires_at.timestamp()),
        }
        return jwt.encode({"alg": ALGORITHM, "typ": KIND}, claims, self._key, algorithms=[ALGORITHM])

    def read(self, token: str, now: datetime) -> tuple[UUID, UUID]:
        """(session, account) of a token that counts at `now`; TokenRefused for any other."""
        if len(token) > LONGEST:
            raise TokenRefused
        try:
            found = jwt.decode(token, self._key, algorithms=[ALGORITHM])
            if found.header.get("typ") != KIND:
                raise TokenRefused
            self._registry(now).validate(found.claims)
            return UUID(found.claims["jti"]), UUID(found.claims["sub"])
        except (JoseError, ValueError, TypeError, AttributeError, KeyError) as error:
            raise TokenRefused from error

    def _registry(self, now: datetime) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": AUDIENCE},
            sub={"essential": True},
            jti={"essential": True},
            iat={"essential": True},
            exp={"essential": True},
        )
