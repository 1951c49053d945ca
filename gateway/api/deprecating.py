"""What goes away one day says so on every answer: since when (RFC 9745), until when (RFC 8594), and what comes instead."""

from datetime import UTC, datetime, time
from email.utils import format_datetime

from contracts.messages import Deprecated


def headers(told: Deprecated) -> dict[str, str]:
    """The response headers of a deprecated operation; days are days in UTC."""
    since, sunset = (datetime.combine(day, time(), UTC) for day in (told.since, told.sunset))
    found = {"Deprecation": f"@{int(since.timestamp())}", "Sunset": format_datetime(sunset, usegmt=True)}
    if told.successor:
        found["Link"] = f'<{told.successor}>; rel="successor-version"'
    return found
