"""What many requests ask of the database at the same moment, in one transaction: one thread, few statements, one commit.

A request that asks alone is not held up: it is a batch of one, and what comes meanwhile is the next batch. If one of a
batch fails, nothing of the batch is done, and each is done again by itself.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

import anyio.to_thread
import sqlalchemy as sa

from chassis.database import SET_SCOPE, Database

I_ = TypeVar("I_")
O_ = TypeVar("O_")
Step = Callable[[sa.Connection, Sequence[I_]], Sequence[O_]]
"""Does the same for several requests at once: as many outcomes as items, in their order."""

Alone = Callable[..., Awaitable[Any]]
MOST = 64


@dataclass(frozen=True)
class _Asked:
    """`step` for one item within row security of `area`, and who waits for its outcome."""

    step: Step[Any, Any]
    item: Any
    area: str | None
    alone: Alone
    outcome: asyncio.Future[Any]

    @property
    def place(self) -> tuple[str, int]:
        """Those without a scope come first; within an area, equal steps stand together."""
        return self.area or "", hash(self.step)


class SharedTransactions:
    """One batch at a time over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Asked] = []
        self._draining: asyncio.Task[None] | None = None

    async def do(self, step: Step[I_, O_], item: I_, area: str | None, *, alone: Alone) -> O_:
        """What `step` says of this item, or raises. `alone(do, area=…)` does it in a transaction of its own."""
        asked = _Asked(step, item, area, alone, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain())
        outcome: O_ = await asked.outcome
        return outcome

    async def _drain(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            batch.sort(key=lambda asked: asked.place)
            try:
                found = await anyio.to_thread.run_sync(self._together, batch)
            except Exception:  # whatever it was, it is found out anew by whom it concerns
                await asyncio.gather(*map(_by_itself, batch))
            else:
                for asked, outcome in zip(batch, found, strict=True):
                    if not asked.outcome.done():
                        asked.outcome.set_result(outcome)

    def _together(self, batch: Sequence[_Asked]) -> list[Any]:
        """Each sees its own area, and none that of another."""
        scope, found = None, list[Any]()
        with self._database.begin() as connection:
            for _, equal in groupby(batch, key=lambda asked: (asked.area, asked.step)):
                first, *others = equal
                if first.area != scope:
                    connection.execute(SET_SCOPE, {"area": first.area})
                    scope = first.area
                found += first.step(connection, [first.item, *(asked.item for asked in others)])
        return found


async def _by_itself(asked: _Asked) -> None:
    try:
        [found] = await asked.alone(lambda connection: asked.step(connection, [asked.item]), area=asked.area)
    except Exception as error:  # as it would have been raised without a batch
        if not asked.outcome.done():
            asked.outcome.set_exception(error)
    else:
        if not asked.outcome.done():
            asked.outcome.set_result(found)
