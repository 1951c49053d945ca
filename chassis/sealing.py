"""Authenticated encryption of what lies in queues, intake and personal columns."""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV

NONCE_BYTES = 12


class SealBroken(Exception):
    """The bytes were altered, moved to another place, or sealed with another key."""


class Sealer:
    """AES-256-GCM with a random nonce in front, for messages."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, bound_to: bytes = b"") -> bytes:
        """Nonce, ciphertext and tag; opens only with the same `bound_to`."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, bound_to)

    def open(self, sealed: bytes, bound_to: bytes = b"") -> bytes:
        """The plain bytes; SealBroken if anything differs."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
        except (InvalidTag, ValueError) as error:
            raise SealBroken from error


class FieldSealer:
    """AES-256-GCM-SIV (RFC 8452: a repeated nonce costs little) for personal columns of one data key."""

    def __init__(self, data_key: bytes) -> None:
        self._cipher = AESGCMSIV(data_key)

    def seal(self, plain: str, place: str) -> bytes:
        """`place` names table, column and row: moved ciphertext does not open."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """The text; SealBroken if it was sealed for another place or key."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SealBroken from error


class BlindIndex:
    """HMAC-SHA256 of a normalised value: equality can be looked up, nothing can be read."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, normalised: str) -> bytes:
        """32 bytes, the same for the same value and key."""
        return hmac.new(self._key, normalised.encode(), hashlib.sha256).digest()


class KeyRing:
    """Data keys, one per person, wrapped by a versioned key of the installation."""

    def __init__(self, wrapping_keys: dict[int, bytes]) -> None:
        self._wrapping = {version: AESGCM(key) for version, key in wrapping_keys.items()}
        self.current_version = max(wrapping_keys)

    def new_key(self, key_id: str) -> tuple[bytes, bytes, int]:
        """A fresh data key: (plain, wrapped, version of the wrapping key)."""
        plain = os.urandom(32)
        return plain, self.wrap(plain, key_id), self.current_version

    def wrap(self, plain: bytes, key_id: str) -> bytes:
        """The data key sealed for this key id with the current version."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._wrapping[self.current_version].encrypt(nonce, plain, key_id.encode())

    def unwrap(self, wrapped: bytes, key_id: str, version: int) -> FieldSealer:
        """A sealer for the person's columns; SealBroken if the key is not this one's."""
        try:
            return FieldSealer(
                self._wrapping[version].decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], key_id.encode())
            )
        except (InvalidTag, KeyError, ValueError) as error:
            raise SealBroken from error
