"""What many requests ask of the database at the same moment, in one transaction: one thread and one commit for all.

A request that asks alone is not held up: it is a batch of one, and what comes meanwhile is the next batch. If one of a
batch fails, nothing of the batch is done, and each is done again by itself.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import anyio.to_thread
import sqlalchemy as sa

from chassis.database import SET_SCOPE, Database

T = TypeVar("T")
Do = Callable[[sa.Connection], Any]
Alone = Callable[..., Awaitable[Any]]
MOST = 64


@dataclass(frozen=True)
class _Asked:
    """`do` within row security of `area`, and who waits for its outcome."""

    do: Do
    area: str | None
    alone: Alone
    outcome: asyncio.Future[Any]


class SharedTransactions:
    """One batch at a time over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Asked] = []
        self._draining: asyncio.Task[None] | None = None

    async def do(self, do: Callable[[sa.Connection], T], area: str | None, *, alone: Alone) -> T:
        """What `do` returns or raises. `alone(do, area=…)` does it in a transaction of its own."""
        asked = _Asked(do, area, alone, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain())
        outcome: T = await asked.outcome
        return outcome

    async def _drain(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            batch.sort(key=lambda asked: asked.area or "")
            try:
                found = await anyio.to_thread.run_sync(self._together, batch)
            except Exception:  # whatever it was, it is found out anew by whom it concerns
                await asyncio.gather(*(_by_itself(asked) for asked in batch))
            else:
                for asked, outcome in zip(batch, found, strict=True):
                    if not asked.outcome.done():
                        asked.outcome.set_result(outcome)

    def _together(self, batch: Sequence[_Asked]) -> list[Any]:
        """Those without a scope come first; each of the others sees its own area, and none that of another."""
        scope, found = None, []
        with self._database.begin() as connection:
            for asked in batch:
                if asked.area != scope:
                    connection.execute(SET_SCOPE, {"area": asked.area})
                    scope = asked.area
                found.append(asked.do(connection))
        return found


async def _by_itself(asked: _Asked) -> None:
    try:
        found = await asked.alone(asked.do, area=asked.area)
    except Exception as error:  # as it would have been raised without a batch
        if not asked.outcome.done():
            asked.outcome.set_exception(error)
    else:
        if not asked.outcome.done():
            asked.outcome.set_result(found)
