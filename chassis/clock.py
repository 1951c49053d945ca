"""The clock has two faces: `now()` for machines, `today()` for the county."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from chassis.settings import Settings


@dataclass(frozen=True)
class Clock:
    """`now()` is real UTC time; `today()` is the county's day, which a setting may fix."""

    zone: ZoneInfo
    fixed_today: date | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Clock":
        """The clock that the settings ask for."""
        return cls(settings.tz, settings.today)

    def now(self) -> datetime:
        """This instant, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """The county's calendar day."""
        return self.fixed_today or datetime.now(self.zone).date()
