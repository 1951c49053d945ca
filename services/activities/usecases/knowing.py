"""What activities keeps of other services' facts: where a household lives, its pairs, its consent to visits."""

from chassis.work import Work
from contracts.codes import ConsentAnswer, ConsentPurpose
from contracts.households import ConsentAnswered, ConsentWithdrawn, HouseholdRegistered
from contracts.pairing import MatchActivated, MatchEnded
from services.activities import store
from services.activities.model import KnownMatch


def know_household(work: Work, event: HouseholdRegistered) -> None:
    """A household's village decides who sees its visits."""
    store.know_household(work, event.household_id, event.area_code, within=work.scope)


def answer_visit_consent(work: Work, event: ConsentAnswered) -> None:
    """A yes to visits opens a span of consent, a no ends one; other purposes are not kept here."""
    if event.purpose is not ConsentPurpose.VISITS:
        return
    if event.answer is ConsentAnswer.YES:
        store.open_consent(work, event.household_id, event.area_code, event.answered_on, within=work.scope)
    else:
        store.close_consent(work, event.household_id, event.answered_on, within=work.scope)


def end_visit_consent(work: Work, event: ConsentWithdrawn) -> None:
    """A withdrawal ends the span on its day."""
    if event.purpose is ConsentPurpose.VISITS:
        store.close_consent(work, event.household_id, event.withdrawn_on, within=work.scope)


def know_match(work: Work, event: MatchActivated) -> None:
    """A pair stands: its helper may report visits to the household."""
    match = KnownMatch(
        id=event.match_id,
        household_id=event.household_id,
        helper_id=event.helper_id,
        area_code=event.area_code,
        rhythm=event.rhythm,
        started_on=event.started_on,
    )
    store.know_match(work, match, within=work.scope)


def end_known_match(work: Work, event: MatchEnded) -> None:
    """A pair is over; a proposal that never stood is not known here."""
    if event.was_active:
        store.end_match(work, event.match_id, event.ended_on, within=work.scope)
