"""W3C trace context: one id from the HTTP request to the last reaction."""

import os
import re

PATTERN = re.compile(r"^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$")


def child_of(traceparent: str | None) -> str:
    """A new span in the given trace, or in a new trace if it is none."""
    return f"00-{trace_id(traceparent) or os.urandom(16).hex()}-{os.urandom(8).hex()}-01"


def trace_id(traceparent: str | None) -> str | None:
    """The id that all spans of a trace share; None if this names none."""
    return traceparent[3:35] if traceparent and PATTERN.match(traceparent) else None
