"""How an indicator is declared: once, with what people read about it and the pure function that counts it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar

from contracts.messages import Event
from gateway.measure.facts import Fact
from gateway.measure.periods import Period, Span

TOTAL = ""
"""The breakdown of the figure itself. Other breakdowns stand beside it and are never added to it."""


class Share(NamedTuple):
    """What one entity adds to a figure. `den` is None where the figure is a count."""

    num: int
    den: int | None
    breakdown: str = TOTAL


class Subject(Protocol):
    """What indicators count: it begins with a fact of kind `begins`, and is looked at anew each `span`."""

    span: ClassVar[Span]
    begins: ClassVar[str]
    day: date
    area_code: str

    def apply(self, fact: Fact) -> None:
        """Take in the next fact."""


S_ = TypeVar("S_")


def never(subject: Any, period: Period) -> date | None:
    """The figure does not move with time alone within a period."""
    return None


@dataclass(frozen=True)
class Indicator(Generic[S_]):
    """One entry of the catalogue."""

    code: str
    name_en: str
    name_zh: str
    definition_en: str
    definition_zh: str
    level: str
    frequency: str
    disaggregation: tuple[str, ...]
    target: str
    sources: tuple[type[Event], ...]
    span: Span
    of: type[S_]
    shares: Callable[[S_, Period], Iterable[Share]]
    """Pure: what the subject, as it is on its `day`, adds to the period's figure."""

    turns_on: Callable[[S_, Period], date | None] = never
    """The next day of the period, after the subject's, on which its shares change though nothing happens."""


def with_categories(categories: Iterable[str], num: int, den: int) -> Iterable[Share]:
    """The total, and beside it a row `category:<code>` for each category; a household may stand in several."""
    yield Share(num, den)
    for code in categories:
        yield Share(num, den, f"category:{code}")
