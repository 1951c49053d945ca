"""What notify listens to: all that the catalogue speaks of, and withdrawals."""

from chassis.service import on
from chassis.work import Work
from contracts.households import ConsentWithdrawn
from contracts.messages import Event
from services.notify import usecases
from services.notify.catalogue import EVENTS


@on(*EVENTS)
def tell(work: Work, event: Event) -> None:
    """One reaction for the whole catalogue."""
    usecases.tell(work, event)


@on(ConsentWithdrawn)
def withhold_messages(work: Work, event: ConsentWithdrawn) -> None:
    """A withdrawal stops queued work too (L1)."""
    usecases.withhold_messages(work, event)
