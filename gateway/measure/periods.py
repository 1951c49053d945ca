"""Months and years as indicators count them: a code that sorts, a first day and a last."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Span(StrEnum):
    """How long an indicator's period is."""

    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True)
class Period:
    """One month (`2026-04`) or one year (`2026`)."""

    code: str
    span: Span
    first: date
    last: date

    @property
    def following(self) -> date:
        """The first day of the next period."""
        return self.last + timedelta(days=1)

    def seen_on(self, as_of: date) -> date:
        """The day whose state is the period's figure: its last day once it is over, before that the day asked for."""
        return min(self.last, as_of)


def period_of(day: date, span: Span) -> Period:
    """The month or year that `day` lies in."""
    if span is Span.YEAR:
        return Period(f"{day.year:04}", span, date(day.year, 1, 1), date(day.year, 12, 31))
    last = monthrange(day.year, day.month)[1]
    return Period(f"{day.year:04}-{day.month:02}", span, day.replace(day=1), day.replace(day=last))


def periods(since: date, as_of: date, span: Span) -> Iterator[Period]:
    """Every period from the one that `since` lies in to the one that `as_of` lies in."""
    period = period_of(since, span)
    while period.first <= as_of:
        yield period
        period = period_of(period.following, span)
