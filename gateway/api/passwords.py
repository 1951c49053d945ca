"""Hashes and checks passwords off the event loop and a few at a time: each takes 64 MiB."""

import anyio
import anyio.to_thread

from gateway.office.passwords import NOBODY, hashed, holds

AT_ONCE = 2


class PasswordDesk:
    """Works in threads, so that nothing else waits for it."""

    def __init__(self) -> None:
        self._seats = anyio.CapacityLimiter(AT_ONCE)

    async def holds(self, kept: str | None, password: str) -> bool:
        """Whether the password holds; without a kept hash False after the same work."""
        found = await anyio.to_thread.run_sync(holds, kept or NOBODY, password, limiter=self._seats)
        return found and bool(kept)

    async def hashed(self, password: str) -> str:
        """The hash to keep."""
        return await anyio.to_thread.run_sync(hashed, password, limiter=self._seats)
