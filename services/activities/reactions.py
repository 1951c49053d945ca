"""What activities listens to."""

from chassis.service import on
from chassis.work import Work
from contracts.households import ConsentAnswered, ConsentWithdrawn, HouseholdRegistered
from contracts.pairing import MatchActivated, MatchEnded
from services.activities import usecases


@on(HouseholdRegistered)
def know_household(work: Work, event: HouseholdRegistered) -> None:
    """Visits are filed under the household's village."""
    usecases.know_household(work, event)


@on(ConsentAnswered)
def know_consent(work: Work, event: ConsentAnswered) -> None:
    """Visits rest on consent."""
    usecases.answer_visit_consent(work, event)


@on(ConsentWithdrawn)
def forget_consent(work: Work, event: ConsentWithdrawn) -> None:
    """From this day on no visit is consented to."""
    usecases.end_visit_consent(work, event)


@on(MatchActivated)
def know_match(work: Work, event: MatchActivated) -> None:
    """A helper reports for their own households."""
    usecases.know_match(work, event)


@on(MatchEnded)
def end_match(work: Work, event: MatchEnded) -> None:
    """A helper's access ends with the pair; late reports are still taken in."""
    usecases.end_known_match(work, event)
