"""Checks ID tokens (OpenID Connect Core 3.1.3.7): pinned algorithms, and every claim that says whose it is."""

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, GuestProtocol, KeySet, RSAKey

ALGORITHMS: Final = ["RS256", "ES256"]
LEEWAY: Final = 60
OLDEST: Final = 600
"""Seconds: how far clocks may differ, and how long ago the token may have been issued."""

LONGEST: Final = 16_384
LONGEST_SUBJECT: Final = 255
SMALLEST_RSA: Final = 2_048


class IdTokenRefused(Exception):
    """Not an ID token for this sign-in; `reason` is a word for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KeyUnknown(IdTokenRefused):
    """It names a key that is not known: perhaps a new one."""


@dataclass(frozen=True)
class Expected:
    """Whose token it has to be."""

    issuer: str
    client_id: str
    nonce: str


@dataclass(frozen=True)
class Claimed:
    """What the provider says about who signed in: ids and codes. `factors` are the words of `amr` and `acr`."""

    subject: str
    factors: frozenset[str]


def key_set(found: dict[str, Any]) -> KeySet:
    """Those keys of a JWKS document that may sign; ValueError if none can be used."""
    listed = found.get("keys")
    if not isinstance(listed, list):
        raise ValueError("no list of keys")
    kept = [key for raw in listed if (key := _key(raw)) is not None]
    if not kept:
        raise ValueError("no key that can be used")
    return KeySet(list(kept))


def _key(raw: Any) -> RSAKey | ECKey | None:
    if not isinstance(raw, dict) or raw.get("use", "sig") != "sig":
        return None
    kinds: dict[Any, type[RSAKey] | type[ECKey]] = {"RSA": RSAKey, "EC": ECKey}
    kind = kinds.get(raw.get("kty"))
    try:
        key = kind.import_key(raw) if kind else None
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    strong = not isinstance(key, RSAKey) or key.public_key.key_size >= SMALLEST_RSA
    return key if strong else None


def claimed(token: str, keys: KeySet, expected: Expected, now: datetime) -> Claimed:
    """What the token says, if it is for this sign-in; KeyUnknown or IdTokenRefused otherwise."""
    claims = _signed(token, keys)
    _registered(claims, expected, now)
    _for_us_alone(claims, expected)
    if not hmac.compare_digest(_text(claims, "nonce").encode(), expected.nonce.encode()):
        raise IdTokenRefused("nonce")
    subject = _text(claims, "sub")
    if not 0 < len(subject) <= LONGEST_SUBJECT:
        raise IdTokenRefused("sub")
    return Claimed(subject, _factors(claims))


def _signed(token: str, keys: KeySet) -> dict[str, Any]:
    if len(token) > LONGEST:
        raise IdTokenRefused("length")

    def named(guest: GuestProtocol) -> Any:
        kid = guest.headers().get("kid")
        known = [key for key in keys if key.kid == kid] if kid else list(keys)
        if len(known) != 1:
            raise KeyUnknown("key")
        return known[0]

    try:
        return dict(jwt.decode(token, named, algorithms=ALGORITHMS).claims)
    except (JoseError, ValueError, TypeError, AttributeError) as error:
        raise IdTokenRefused("signature") from error


def _registered(claims: dict[str, Any], expected: Expected, now: datetime) -> None:
    seconds = int(now.timestamp())
    registry = jwt.JWTClaimsRegistry(
        now=seconds,
        leeway=LEEWAY,
        iss={"essential": True, "value": expected.issuer},
        sub={"essential": True},
        aud={"essential": True, "value": expected.client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True},
    )
    try:
        registry.validate(claims)
    except JoseError as error:
        raise IdTokenRefused(str(getattr(error, "claim", None) or "claims")) from error
    if claims["iat"] < seconds - OLDEST - LEEWAY:
        raise IdTokenRefused("iat")


def _for_us_alone(claims: dict[str, Any], expected: Expected) -> None:
    """No other audience is trusted with a token that opens our door."""
    if claims["aud"] not in (expected.client_id, [expected.client_id]):
        raise IdTokenRefused("aud")
    if claims.get("azp", expected.client_id) != expected.client_id:
        raise IdTokenRefused("azp")


def _text(claims: dict[str, Any], name: str) -> str:
    found = claims[name]
    if not isinstance(found, str):
        raise IdTokenRefused(name)
    return found


def _factors(claims: dict[str, Any]) -> frozenset[str]:
    amr: Collection[Any] = claims["amr"] if isinstance(claims.get("amr"), list) else ()
    return frozenset(word for word in (*amr, claims.get("acr")) if isinstance(word, str))
