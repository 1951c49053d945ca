"""Enrols a new household: its file, its people under keys of their own, its answers, and what others hear of it."""

from uuid import UUID

from chassis.ids import new_id
from chassis.sealing import FieldSealer
from contracts.households import HouseholdRegistered
from services.households.store import PersonKey, Vault
from services.households.usecases.batch import Batch, Row
from services.households.usecases.consenting import add_consent
from services.households.usecases.recognising import Listed, Member
from services.households.usecases.surveyed import (
    Round,
    add_answer,
    add_needs,
    answered,
    categories_of,
    described,
    sealed_restricted,
)


def enrol(batch: Batch, item: Listed, sequence: int, survey: Round, vault: Vault) -> None:
    """Add all that a new household brings to the batch."""
    household_id, code = new_id(), item.village_code
    keys = {member.index: add_member(batch, item, member, household_id, vault) for member in item.members}
    head_id, head_key = keys[item.head.index]
    row = {
        "id": household_id,
        "area_code": code,
        "number": f"{code}-{sequence:04d}",
        "sequence": sequence,
        "registered_on": survey.today,
        **described(item, survey),
        **sealed_restricted(item, household_id, head_key.id, head_key.sealer, vault),
    }
    batch.households.append(row)
    batch.history += [(household_id, code, "registered"), (household_id, code, "surveyed")]
    batch.events.append(
        HouseholdRegistered(
            household_id=household_id,
            household_number=row["number"],
            area_code=code,
            registered_on=survey.today,
            categories=categories_of(row),
            has_minor=row["has_minor"],
        )
    )
    add_answer(batch, row, survey)
    for purpose, standing in answered(item, survey, head_id).items():
        add_consent(batch, household_id, code, purpose, standing)
    add_needs(batch, item, row, head_key.sealer, vault)


def add_member(
    batch: Batch, item: Listed, member: Member, household_id: UUID, vault: Vault
) -> tuple[UUID, PersonKey]:
    """Add a new person with a fresh key to the batch; the person's id and key."""
    person_id, key = new_id(), vault.new_key()
    code = item.village_code
    batch.keys.append({"id": key.id, "area_code": code, "wrapping_version": key.version, "wrapped": key.wrapped})
    kept = {"id": person_id, "household_id": household_id, "area_code": code, "key_id": key.id}
    batch.persons.append(
        {**kept, "id_number_index": member.index, **member_row(item, member, person_id, key.sealer)}
    )
    return person_id, key


def member_row(item: Listed, member: Member, person_id: UUID, sealer: FieldSealer) -> Row:
    """The columns of a member that a survey can change."""
    return {
        "ordinal": item.members.index(member),
        "relation": member.relation,
        "sex": member.personal.facts.sex,
        "digest": member.digest,
        **member.personal.sealed(person_id, sealer),
    }
