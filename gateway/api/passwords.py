"""Passwords as argon2id, checked off the event loop and a few at a time: each takes 64 MiB."""

import anyio
import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2
_hasher = PasswordHasher()
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


class PasswordDesk:
    """Checks passwords in threads, so that nothing else waits for them."""

    def __init__(self) -> None:
        self._seats = anyio.CapacityLimiter(AT_ONCE)

    async def holds(self, kept: str | None, password: str) -> bool:
        """Whether the password holds; without a kept hash False after the same work."""
        found = await anyio.to_thread.run_sync(holds, kept or NOBODY, password, limiter=self._seats)
        return found and kept is not None

    async def hashed(self, password: str) -> str:
        """The hash to keep."""
        return await anyio.to_thread.run_sync(hashed, password, limiter=self._seats)
