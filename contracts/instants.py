"""Moments that people send: any offset is read, and all are the same kind of moment from then on."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("beyond the years that there are") from None


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment in UTC. A database refuses offsets that JSON may well write, such as +21:53."""
