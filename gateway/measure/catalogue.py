"""The catalogue of indicators as a page for people, made from the declarations."""

from typing import Any

from gateway.measure.indicator import Indicator
from gateway.measure.indicators import INDICATORS

HEAD = """# Indicators

Generated from the declarations in `gateway/measure/indicators/`; do not edit.

Every figure is computed live from events and equals, at every moment, a recomputation from nothing (`kith ops recompute`).
Numerators and denominators are integers; a ratio is made on display, and is n/a where the denominator is 0. The figure of
a running month or year is that of today; of one that is over, that of its last day. Breakdowns stand beside the total:
a household may be in several categories, so they do not add up to it. The category `restricted` is never broken out.
"""


def render_markdown() -> str:
    """The page: one section per indicator, in catalogue order."""
    return "\n".join([HEAD, *(_section(indicator) for indicator in INDICATORS)])


def _section(indicator: Indicator[Any]) -> str:
    events = ", ".join(f"`{event.type}`" for event in indicator.sources)
    rows = {
        "level": indicator.level,
        "frequency": indicator.frequency,
        "period": indicator.span.value,
        "counts": indicator.of.__name__.lower(),
        "broken down by": ", ".join(indicator.disaggregation),
        "target": indicator.target,
        "computed from": events,
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    return (
        f"## {indicator.code} {indicator.name_en} {indicator.name_zh}\n\n"
        f"{indicator.definition_en}\n\n{indicator.definition_zh}\n\n| | |\n|---|---|\n{table}\n"
    )
