"""The preset carriers are stored once, when an installation starts."""

from chassis.work import Work
from contracts.activities import ProgrammeRegistered
from services.activities import store
from services.activities.catalogue import PROGRAMMES


def preset_programmes(work: Work) -> None:
    """Register the six carriers; those that stand already are left as they are."""
    for added in store.add_programmes(work, PROGRAMMES, within=work.scope):
        work.record(
            ProgrammeRegistered(
                programme_id=added.programme_id,
                carrier=added.carrier,
                lead_unit=added.lead_unit,
                implementing_units=added.implementing_units,
            )
        )
