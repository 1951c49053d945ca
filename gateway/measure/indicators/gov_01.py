"""GOV-01: do the villages plan in time?"""

from collections.abc import Iterable
from datetime import date

from contracts.activities import PlanActivated
from contracts.households import AreaRegistered
from gateway.measure.indicator import Indicator, Share
from gateway.measure.periods import Period, Span
from gateway.measure.village import Village


def shares(village: Village, year: Period) -> Iterable[Share]:
    """One village of all; planned in time if any plan of the year was in force by 15 April."""
    planned = village.first_plan.get(year.first.year)
    in_time = planned is not None and planned <= date(year.first.year, 4, 15)
    yield Share(int(in_time), 1)


GOV_01 = Indicator(
    code="GOV-01",
    name_en="Village plan on time",
    name_zh="村级方案按时制定率",
    definition_en="Villages with a plan of the year in force on or before 15 April / villages.",
    definition_zh="4月15日及以前已有当年方案生效的村数 / 村总数。",
    level="input",
    frequency="annual",
    disaggregation=("township",),
    target="100%",
    sources=(AreaRegistered, PlanActivated),
    span=Span.YEAR,
    of=Village,
    shares=shares,
)
