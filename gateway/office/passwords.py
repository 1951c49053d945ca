"""Passwords as argon2id."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
NONE = "!"
"""Kept for an account that has no password: nothing holds."""

NOBODY = _hasher.hash("of no account")
"""What an unknown user's password is checked against, so that it takes as long."""


def hashed(password: str) -> str:
    """The argon2id hash to keep."""
    return _hasher.hash(password)


def holds(kept: str, password: str) -> bool:
    """Whether the password is the one that was hashed."""
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
