"""Reads figures: sums over an area, per part of it, and who stands behind them."""

from collections.abc import Sequence

import sqlalchemy as sa

from contracts.area import AreaScope
from gateway.measure.store.columns import Row, bounds

IN_AREA = "area_code >= :lower and area_code < :upper"
TOTALS = sa.text(f"""
    select indicator, sum(num)::bigint as num, sum(den)::bigint as den
    from agg join unnest(cast(:indicators as text[]), cast(:periods as text[])) as wanted (indicator, period)
        using (indicator, period)
    where breakdown = :breakdown and {IN_AREA} group by indicator
""")
BREAKDOWNS = sa.text(f"""
    select breakdown, sum(num)::bigint as num, sum(den)::bigint as den from agg
    where indicator = :indicator and period = :period and {IN_AREA} group by breakdown order by breakdown
""")
PERIODS = sa.text(f"""
    select period, sum(num)::bigint as num, sum(den)::bigint as den from agg
    where indicator = :indicator and breakdown = :breakdown and {IN_AREA}
    group by period order by period desc limit :limit
""")
PARTS = sa.text(f"""
    select left(area_code, :digits) as area_code, sum(num)::bigint as num, sum(den)::bigint as den from agg
    where indicator = :indicator and period = :period and breakdown = :breakdown and {IN_AREA}
    group by 1 order by 1
""")
CONTRIBUTORS = sa.text(f"""
    select entity, area_code, num, den from contrib
    where indicator = :indicator and period = :period and breakdown = '' and {IN_AREA}
      and (area_code, entity) > (:after_area, :after_entity)
    order by area_code, entity limit :limit
""")
Rows = Sequence[Row]


def totals(
    connection: sa.Connection, periods: dict[str, str], breakdown: str, *, within: AreaScope
) -> dict[str, tuple[int, int | None]]:
    """Indicator -> (num, den) over the area, for each indicator in the period given with it."""
    wanted = {"indicators": list(periods), "periods": list(periods.values()), "breakdown": breakdown}
    rows = connection.execute(TOTALS, {**wanted, **bounds(within)})
    return {row.indicator: (row.num, row.den) for row in rows}


def breakdowns(connection: sa.Connection, indicator: str, period: str, *, within: AreaScope) -> Rows:
    """The figure and all its breakdowns over the area."""
    return connection.execute(BREAKDOWNS, {"indicator": indicator, "period": period, **bounds(within)}).all()


def by_period(connection: sa.Connection, indicator: str, breakdown: str, limit: int, *, within: AreaScope) -> Rows:
    """The newest periods of a figure over the area, newest first."""
    wanted = {"indicator": indicator, "breakdown": breakdown, "limit": limit}
    return connection.execute(PERIODS, {**wanted, **bounds(within)}).all()


def by_part(
    connection: sa.Connection, indicator: str, period: str, breakdown: str, digits: int, *, within: AreaScope
) -> Rows:
    """The figure for each part of the area whose code has `digits` digits."""
    wanted = {"indicator": indicator, "period": period, "breakdown": breakdown, "digits": digits}
    return connection.execute(PARTS, {**wanted, **bounds(within)}).all()


def contributors(
    connection: sa.Connection,
    indicator: str,
    period: str,
    after: tuple[str, str],
    limit: int,
    *,
    within: AreaScope,
) -> Rows:
    """Who stands behind a figure's total, by area code and entity, after the one given."""
    wanted = {"indicator": indicator, "period": period, "limit": limit}
    place = {"after_area": after[0], "after_entity": after[1]}
    return connection.execute(CONTRIBUTORS, {**wanted, **place, **bounds(within)}).all()
