"""W3C trace context: one id from the HTTP request to the last reaction."""

import random
import re

PATTERN = re.compile(r"^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$")


def child_of(traceparent: str | None) -> str:
    """A new span in the given trace, or in a new trace if it is none."""
    return f"00-{trace_id(traceparent) or _random(16)}-{_random(8)}-01"


def _random(size: int) -> str:
    """Not zero, and unlike any other; no secret, so the system need not be asked for it at every step."""
    return f"{random.getrandbits(8 * size) or 1:0{2 * size}x}"


def trace_id(traceparent: str | None) -> str | None:
    """The id that all spans of a trace share; None if this names none."""
    return traceparent[3:35] if traceparent and PATTERN.match(traceparent) else None
