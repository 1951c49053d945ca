"""The catalogue: a new indicator is one file here and one line in INDICATORS."""

from types import MappingProxyType
from typing import Any

from gateway.measure.indicator import Indicator
from gateway.measure.indicators.gov_01 import GOV_01
from gateway.measure.indicators.pair_01 import PAIR_01
from gateway.measure.indicators.surv_01 import SURV_01
from gateway.measure.indicators.surv_02 import SURV_02
from gateway.measure.indicators.surv_04 import SURV_04
from gateway.measure.indicators.vis_01 import VIS_01

INDICATORS: tuple[Indicator[Any], ...] = (
    GOV_01,
    SURV_01,
    SURV_02,
    SURV_04,
    PAIR_01,
    VIS_01,
)
BY_CODE = MappingProxyType({indicator.code: indicator for indicator in INDICATORS})
