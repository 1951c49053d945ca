"""Waits for a condition with a deadline, so that no test sleeps and none hangs."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
PAUSE = 0.02


def eventually(condition: Callable[[], Found], *, within: float, what: str) -> Found:
    """Give the first truthy answer of `condition`; after `within` seconds fail, saying `what` did not come."""
    deadline = time.monotonic() + within
    while True:
        if answer := condition():
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {within:g} s; last answer {answer!r}")
        time.sleep(PAUSE)
