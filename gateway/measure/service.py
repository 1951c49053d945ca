"""Measure's table of contents. It listens to every source and lives in the gateway's database."""

from datetime import timedelta

from chassis.service import Service, Timer
from gateway.measure.gauges import show_figures
from gateway.measure.reactions import keep_as_facts
from gateway.measure.timers import refold_due

MEASURE = Service(
    name="measure",
    database="gateway",
    listens_to_all=True,
    projections=("entity", "fact", "contrib", "agg", "due", "admission_fact"),
    reactions=(keep_as_facts,),
    timers=(
        Timer("refold_due", every=timedelta(seconds=2), run=refold_due),
        Timer("show_figures", every=timedelta(seconds=15), run=show_figures),
    ),
)
