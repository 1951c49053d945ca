"""What readers may ask: figures of an area, of its parts, over time, and who stands behind them.

Every function takes a connection whose transaction has row security set, and `within`, the asker's own area; asking
about an area outside of it is Refused with `out-of-area`. `area` narrows further; None means all of `within`.
Numbers are integers; a ratio is made on display and is None (n/a) where den is 0 or the figure is a count.
These are figures for officers at work. Cells under 10 people are NOT hidden here: hiding them (L8) belongs to publication.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from contracts.area import LEVEL_BY_LENGTH, AreaLevel, AreaScope
from contracts.refusals import OUT_OF_AREA, Refusal, Refused
from gateway.measure.indicator import TOTAL, Indicator
from gateway.measure.indicators import BY_CODE, INDICATORS
from gateway.measure.periods import period_of
from gateway.measure.store import figures

DIGITS = {level: digits for digits, level in LEVEL_BY_LENGTH.items()}
INDICATOR_UNKNOWN = Refusal(
    "indicator-unknown",
    404,
    "No such indicator",
    "没有此指标",
    "Take the code from the catalogue of indicators.",
    "请从指标目录中选取编码。",
)


@dataclass(frozen=True)
class Figure:
    """One figure of one area and period. `num` and `den` count entities; `den` is None where the figure is a count."""

    indicator: str
    period: str
    area_code: str
    breakdown: str
    num: int
    den: int | None

    @property
    def permille(self) -> int | None:
        """The ratio in thousandths, rounded down so that no display reaches a target before the figure does."""
        return permille(self.num, self.den)


@dataclass(frozen=True)
class Contributor:
    """One entity behind a figure: an id, never more. `counted`: it is in the numerator."""

    entity: str
    area_code: str
    num: int
    den: int | None

    @property
    def counted(self) -> bool:
        """Whether it fulfils what the indicator asks."""
        return self.num > 0


def permille(num: int, den: int | None) -> int | None:
    """`num / den` in thousandths, rounded down; None (n/a) if den is 0 or None."""
    return num * 1000 // den if den else None


def current_period(indicator: str, as_of: date) -> str:
    """The code of the period of an indicator that runs on `as_of`; Refused if there is no such indicator."""
    return period_of(as_of, _known(indicator).span).code


def indicator_value(
    connection: sa.Connection,
    indicator: str,
    period: str,
    *,
    within: AreaScope,
    area: str | None = None,
    breakdown: str = TOTAL,
) -> Figure:
    """One figure, summed over an area; 0 of 0 where nothing is counted."""
    _known(indicator)
    scope = _inside(within, area)
    found = figures.totals(connection, {indicator: period}, breakdown, within=scope)
    return Figure(indicator, period, scope.code, breakdown, *found.get(indicator, (0, 0)))


def indicator_values(
    connection: sa.Connection, *, within: AreaScope, as_of: date, area: str | None = None
) -> list[Figure]:
    """Every indicator's figure for the period that runs on `as_of`, summed over an area, in catalogue order."""
    scope = _inside(within, area)
    periods = {indicator.code: period_of(as_of, indicator.span).code for indicator in INDICATORS}
    found = figures.totals(connection, periods, TOTAL, within=scope)
    return [Figure(code, period, scope.code, TOTAL, *found.get(code, (0, 0))) for code, period in periods.items()]


def by_breakdown(
    connection: sa.Connection, indicator: str, period: str, *, within: AreaScope, area: str | None = None
) -> list[Figure]:
    """The figure and each of its breakdowns. Breakdowns stand beside the total and do not add up to it."""
    _known(indicator)
    scope = _inside(within, area)
    rows = figures.breakdowns(connection, indicator, period, within=scope)
    return [Figure(indicator, period, scope.code, *row) for row in rows]


def by_period(
    connection: sa.Connection,
    indicator: str,
    *,
    within: AreaScope,
    area: str | None = None,
    breakdown: str = TOTAL,
    limit: int = 24,
) -> list[Figure]:
    """The figure over time, newest period first."""
    _known(indicator)
    scope = _inside(within, area)
    rows = figures.by_period(connection, indicator, breakdown, limit, within=scope)
    return [Figure(indicator, row.period, scope.code, breakdown, row.num, row.den) for row in rows]


def by_area(
    connection: sa.Connection,
    indicator: str,
    period: str,
    level: AreaLevel,
    *,
    within: AreaScope,
    area: str | None = None,
    breakdown: str = TOTAL,
) -> list[Figure]:
    """Drill-down: the figure of each township or village of an area in which anything is counted, by code."""
    _known(indicator)
    scope = _inside(within, area)
    rows = figures.by_part(connection, indicator, period, breakdown, DIGITS[level], within=scope)
    return [Figure(indicator, period, row.area_code, breakdown, row.num, row.den) for row in rows]


def contributors(
    connection: sa.Connection,
    indicator: str,
    period: str,
    *,
    within: AreaScope,
    area: str | None = None,
    after: Contributor | None = None,
    limit: int = 100,
) -> list[Contributor]:
    """Drill-down's last step: the entities behind a figure's total, by area code and entity, `limit` after `after`.

    There is deliberately none behind a breakdown: that would be a list of families by category (H11).
    """
    _known(indicator)
    place = (after.area_code, after.entity) if after else ("", "")
    scope = _inside(within, area)
    rows = figures.contributors(connection, indicator, period, place, limit, within=scope)
    return [Contributor(*row) for row in rows]


def _known(indicator: str) -> Indicator[Any]:
    if indicator not in BY_CODE:
        raise Refused(INDICATOR_UNKNOWN)
    return BY_CODE[indicator]


def _inside(within: AreaScope, area: str | None) -> AreaScope:
    if area is None:
        return within
    if not within.covers(area):
        raise Refused(OUT_OF_AREA)
    return AreaScope(area)
