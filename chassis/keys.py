"""Keys, each for one use, derived from the installation's secret."""

import base64
import binascii

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chassis.settings import Settings

MINIMUM_BYTES = 32


class SecretTooWeak(ValueError):
    """The setting KITH_SECRET is missing, is not base64 or is too short."""

    def __init__(self) -> None:
        super().__init__(
            "KITH_SECRET must be base64 of at least 32 random bytes: `openssl rand -base64 32` makes one"
        )


class Keys:
    """`key(use)` is 32 bytes that nothing else derives (HKDF-SHA256, RFC 5869, `use` as info)."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < MINIMUM_BYTES:
            raise SecretTooWeak
        self._secret = secret

    @classmethod
    def of(cls, settings: Settings) -> "Keys":
        """The keys of an installation; SecretTooWeak if its secret is not fit."""
        try:
            return cls(base64.b64decode(settings.secret.get_secret_value(), validate=True))
        except binascii.Error as error:
            raise SecretTooWeak from error

    def key(self, use: str) -> bytes:
        """32 bytes for one use, such as `rpc`, `verdict` or `field-wrap.1`."""
        return HKDF(algorithm=SHA256(), length=32, salt=b"kith", info=use.encode()).derive(self._secret)
