"""What measure hears: every event that a figure, or a rule of admission, depends on."""

from uuid import UUID

from chassis.service import on
from chassis.work import Work
from contracts.messages import Event
from gateway.measure.facts import TELLINGS, facts_of
from gateway.measure.refolding import take_in


@on(*TELLINGS)
def keep_as_facts(work: Work, event: Event) -> None:
    """An event becomes facts, and what they are about is counted anew."""
    take_in(work, list(facts_of(event, UUID(work.causation), work.today)))
