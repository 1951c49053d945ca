"""Every indicator as a pair of gauges: the county's figure of the running period, and nobody in it."""

from prometheus_client import Gauge

from chassis.surroundings import Surroundings
from chassis.work import begin
from gateway.measure.queries import indicator_values

NUMERATOR = Gauge("kith_indicator_numerator", "The county's numerator in the running period", ["indicator"])
DENOMINATOR = Gauge("kith_indicator_denominator", "The county's denominator in the running period", ["indicator"])


def show_figures(runtime: Surroundings) -> None:
    """Set the gauges to the county's figures of today."""
    with begin(runtime, runtime.system) as work:
        for figure in indicator_values(work.connection, within=work.scope, as_of=work.today):
            NUMERATOR.labels(figure.indicator).set(figure.num)
            DENOMINATOR.labels(figure.indicator).set(figure.den or 0)
