"""Signs verdicts in the gateway and verifies them in the services: compact JWS, HS256 and nothing else."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import ValidationError

from contracts.refusals import VERDICT_REFUSED, Refused
from contracts.verdict import VerdictClaims, body_hash

ALGORITHM: Final = "HS256"
KIND: Final = "kith-verdict"
KEY_BYTES: Final = 32
LONGEST: Final = 16_384


class VerdictRefused(Refused):
    """A command came without a verdict that holds for it; `code` says which of the four things was wrong."""

    def __init__(self, code: str) -> None:
        super().__init__(VERDICT_REFUSED.with_more(reason=code))
        self.code = code


class VerdictSigner:
    """Holds the key that the gateway and the services share. `clock` gives this instant, aware."""

    def __init__(self, key: bytes, clock: Callable[[], datetime]) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"the verdict key needs at least {KEY_BYTES} bytes")
        self._key = OctKey.import_key(key)
        self._clock = clock

    def sign(self, claims: VerdictClaims) -> str:
        """The verdict as a compact JWS. Raises ValueError for claims that are over already."""
        if claims.is_over(self._clock()):
            raise ValueError("the verdict is over before it is signed")
        header = {"alg": ALGORITHM, "typ": KIND}
        return jws.serialize_compact(
            header, claims.model_dump_json(exclude_none=True), self._key, algorithms=[ALGORITHM]
        )

    def verify(
        self,
        token: str | None,
        command_type: str,
        body: Mapping[str, Any],
        actor_id: str,
        area: str,
        now: datetime | None = None,
    ) -> VerdictClaims:
        """The claims, if `token` is ours, still counts at `now` (default: this instant) and is for this very command.

        Raises VerdictRefused: verdict-missing, verdict-altered, verdict-expired or verdict-foreign.
        """
        if not token:
            raise VerdictRefused("verdict-missing")
        claims = self._read(token)
        if claims.is_over(now or self._clock()):
            raise VerdictRefused("verdict-expired")
        told = (claims.command, claims.body_sha256, claims.actor_id, claims.area)
        if told != (command_type, body_hash(command_type, body), actor_id, area):
            raise VerdictRefused("verdict-foreign")
        return claims

    def _read(self, token: str) -> VerdictClaims:
        if len(token) > LONGEST:
            raise VerdictRefused("verdict-altered")
        try:
            signed = jws.deserialize_compact(token, self._key, algorithms=[ALGORITHM])
            if signed.headers().get("typ") != KIND:
                raise VerdictRefused("verdict-altered")
            return VerdictClaims.model_validate_json(signed.payload)
        except (JoseError, ValidationError, ValueError, TypeError):
            raise VerdictRefused("verdict-altered") from None
