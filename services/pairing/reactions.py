"""What pairing hears of families: who they are in codes, and what they consent to."""

from chassis.service import on
from chassis.work import Work
from contracts.codes import ConsentAnswer, ConsentPurpose
from contracts.households import ConsentAnswered, ConsentWithdrawn, HouseholdReclassified, HouseholdRegistered
from services.pairing.usecases import learning


@on(HouseholdRegistered)
def know_household(work: Work, event: HouseholdRegistered) -> None:
    learning.enrol_household(work, event)


@on(HouseholdReclassified)
def know_household_anew(work: Work, event: HouseholdReclassified) -> None:
    learning.reclassify_household(work, event)


@on(ConsentAnswered)
def heed_answer(work: Work, event: ConsentAnswered) -> None:
    if event.purpose is ConsentPurpose.PAIRING:
        yes = (
            event.answer is ConsentAnswer.YES and event.covers_children
        )  # without their guardian nobody comes (L1)
        learning.note_consent(work, event.household_id, yes)


@on(ConsentWithdrawn)
def heed_withdrawal(work: Work, event: ConsentWithdrawn) -> None:
    if event.purpose is ConsentPurpose.PAIRING:
        learning.note_consent(work, event.household_id, False)
