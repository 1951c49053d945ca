"""Takes in what a household says about consent: kept always, in force where it counts, told where it changes."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.ids import new_id
from contracts.codes import ConsentAnswer, ConsentPurpose
from contracts.households import ConsentAnswered, ConsentWithdrawn
from services.households.usecases.batch import Batch
from services.households.usecases.consent_rules import SaidIn, Standing, counts

Known = sa.Row[Any] | None


def standing_of(row: Known) -> Standing | None:
    """The answer that a row holds."""
    if row is None:
        return None
    return Standing(
        answer=ConsentAnswer(row.answer),
        answered_on=row.answered_on,
        withdrawn_on=row.withdrawn_on,
        said_in=SaidIn(row.said_in),
        given_by=row.given_by,
        guardian_verified=row.guardian_verified,
        covers_children=row.covers_children,
    )


def add_consent(
    batch: Batch, household_id: UUID, area_code: str, purpose: ConsentPurpose, new: Standing, known: Known = None
) -> bool:
    """Take in an answer; whether it now stands. The same answer again is no news."""
    current = standing_of(known)
    if current == new:
        return True
    in_force = counts(new, current)
    answer_id = new_id()
    _keep(batch, answer_id, household_id, area_code, purpose, new, in_force=in_force)
    if not in_force:
        return False
    _let_stand(batch, answer_id, household_id, area_code, purpose, new, known)
    batch.events.append(
        ConsentAnswered(
            household_id=household_id,
            area_code=area_code,
            purpose=purpose,
            answer=new.answer,
            answered_on=new.answered_on,
            covers_children=new.covers_children,
        )
    )
    return True


def add_withdrawal(
    batch: Batch, household: sa.Row[Any], purpose: ConsentPurpose, new: Standing, known: Known
) -> None:
    """Take in a withdrawal; others hear of it where a yes was in force. It keeps the id of what it withdraws."""
    current = standing_of(known)
    said_id = new_id()
    _keep(batch, said_id, household.id, household.area_code, purpose, new, in_force=True)
    answer_id = known.id if known else said_id
    _let_stand(batch, answer_id, household.id, household.area_code, purpose, new, known)
    if current and current.is_yes and new.withdrawn_on:
        batch.events.append(
            ConsentWithdrawn(
                household_id=household.id,
                area_code=household.area_code,
                purpose=purpose,
                withdrawn_on=new.withdrawn_on,
            )
        )


def _keep(
    batch: Batch,
    said_id: UUID,
    household_id: UUID,
    area_code: str,
    purpose: ConsentPurpose,
    new: Standing,
    *,
    in_force: bool,
) -> None:
    batch.consent_history.append(
        {
            "id": said_id,
            "household_id": household_id,
            "area_code": area_code,
            "purpose": purpose,
            "answer": "withdrawn" if new.withdrawn_on else new.answer,
            "said_on": new.last_said_on,
            "said_in": new.said_in,
            "counts": in_force,
        }
    )


def _let_stand(
    batch: Batch,
    answer_id: UUID,
    household_id: UUID,
    area_code: str,
    purpose: ConsentPurpose,
    new: Standing,
    known: Known,
) -> None:
    batch.consents.append(
        {
            "id": answer_id,
            "household_id": household_id,
            "purpose": purpose,
            "area_code": area_code,
            "version": known.version + 1 if known else 1,
            "answer": new.answer,
            "answered_on": new.answered_on,
            "withdrawn_on": new.withdrawn_on,
            "given_by": new.given_by,
            "guardian_verified": new.guardian_verified,
            "covers_children": new.covers_children,
            "said_in": new.said_in,
        }
    )
