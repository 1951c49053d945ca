"""Time moves figures too: what is due by the county's today is folded anew."""

from chassis.surroundings import Surroundings
from chassis.work import transact
from gateway.measure.refolding import settle


def refold_due(runtime: Surroundings) -> None:
    """Until nothing is due that nobody else is folding: one short transaction after the other."""
    while transact(runtime, runtime.system, lambda work: settle(work.connection, work.today, within=work.scope)):
        pass
