"""How much one actor or address may ask for. Each front door counts for itself and as if it were all of them: where
three live, one request counts as three (`gateway/api/replicas.py`)."""

import math
import time
from dataclasses import dataclass, field
from functools import cache

import limits
from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter, SlidingWindowCounterRateLimiter

from chassis.logging import logger
from contracts.refusals import Refused
from gateway.api.metrics import LIMITED
from gateway.api.refusals import TOO_MANY


@dataclass(frozen=True)
class Allowance:
    """How many of each, in words such as `600/minute`."""

    requests: str = "12000/minute"
    """Of one actor."""

    files_read: tuple[str, ...] = ("300/minute", "2000/hour")
    """Reads of persons' files by one actor: more looks like enumeration."""

    sign_ins: str = "30/minute"
    """From one address, failed or not."""


parse = cache(limits.parse)


@dataclass
class Rates:
    """Counts and refuses; a refusal names how many seconds to wait."""

    allowance: Allowance = Allowance()
    replicas: int = 1
    """How many front doors live; what one of them sees may be a part only of what is asked."""

    _storage: MemoryStorage = field(default_factory=MemoryStorage, repr=False)

    def request(self, actor_id: str) -> None:
        """One more request of this actor; Refused beyond the allowance."""
        limiter = SlidingWindowCounterRateLimiter(self._storage)
        self._take(limiter, "requests", (self.allowance.requests,), actor_id)

    def file_read(self, actor_id: str) -> None:
        """One more person's file; Refused, and an alarm, beyond the allowance."""
        self._take(MovingWindowRateLimiter(self._storage), "files_read", self.allowance.files_read, actor_id)

    def sign_in(self, address: str) -> None:
        """One more attempt from this address; Refused beyond the allowance."""
        self._take(MovingWindowRateLimiter(self._storage), "sign_ins", (self.allowance.sign_ins,), address)

    def _take(
        self,
        limiter: SlidingWindowCounterRateLimiter | MovingWindowRateLimiter,
        what: str,
        words: tuple[str, ...],
        who: str,
    ) -> None:
        for item in map(parse, words):
            if not limiter.hit(item, what, who, cost=min(self.replicas, item.amount)):
                LIMITED.labels(what).inc()
                logger().warning("rate_limited", what=what)
                raise Refused(TOO_MANY.with_more(retry_after=_wait(limiter, item, what, who)))


def _wait(
    limiter: SlidingWindowCounterRateLimiter | MovingWindowRateLimiter, item: RateLimitItem, what: str, who: str
) -> int:
    """Whole seconds until there is room again, at least one."""
    return max(1, math.ceil(limiter.get_window_stats(item, what, who).reset_time - time.time()))
