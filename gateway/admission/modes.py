"""How a rule comes into force: it is watched in audit first, for a fortnight, unless two people say otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

AUDITED_FIRST: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Since:
    """A rule came into this mode on this day."""

    mode: str
    day: date


def audited_for(history: Sequence[Since], today: date) -> timedelta:
    """How long the rule was in audit, all times together, since it was last disabled."""
    total = timedelta(0)
    ends = [*(one.day for one in history[1:]), today]
    for one, until in zip(history, ends, strict=False):
        if one.mode == "disabled":
            total = timedelta(0)
        elif one.mode == "audit":
            total += max(until - one.day, timedelta(0))
    return total


def may_enforce(history: Sequence[Since], today: date) -> bool:
    """Whether the rule was watched long enough."""
    return audited_for(history, today) >= AUDITED_FIRST


def first_mode(wished: str, *, running: bool) -> str:
    """The mode that a rule begins in: what its file wishes for in a new installation, audit in one that runs already."""
    return "audit" if running and wished in ("warn", "enforce") else wished
