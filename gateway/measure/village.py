"""A village as the facts up to a day tell it: what the indicators about plans look at."""

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from gateway.measure.facts import Fact
from gateway.measure.periods import Span


@dataclass
class Village:
    """Grows fact by fact; `day` is the day it is looked at."""

    span: ClassVar[Span] = Span.YEAR
    begins: ClassVar[str] = "registered"

    day: date = date.min
    area_code: str = ""
    first_plan: dict[int, date] = field(default_factory=dict)
    """Year -> the first day on which a plan of that year was in force."""

    def apply(self, fact: Fact) -> None:
        """Take in the next fact."""
        if fact.kind == "plan_activated":
            self.first_plan.setdefault(fact.data["year"], fact.valid_on)
        else:
            self.area_code = fact.entity.partition(":")[2]
