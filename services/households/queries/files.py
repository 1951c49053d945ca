"""One household's file, masked, and where a message to it may be sent."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from chassis.work import Work
from contracts.actor import OFFICERS, Role
from contracts.codes import CareCategoryCode, ConsentAnswer, ConsentPurpose
from contracts.households import (
    ConsentView,
    ContactView,
    GetHousehold,
    GetHouseholdContact,
    HistoryEntry,
    HouseholdFile,
    PersonView,
)
from contracts.refusals import NOT_FOUND, Refusal
from services.households import store
from services.households.queries.masking import masked_name, masked_number
from services.households.rules import ADULT_FROM, age_on
from services.households.store import OpenPerson, Vault

LANGUAGE = "zh"
"""The county's; a household's own wish is not asked yet."""


def get_household(work: Work, query: GetHousehold) -> HouseholdFile | Refusal:
    """The file with names and numbers masked. A family member sees their own alone."""
    row = store.find_household(work, query.household_id, within=work.scope)
    if row is None or not _may_read(work, row):
        return NOT_FOUND
    return HouseholdFile(
        household_id=row.id,
        number=row.number,
        area_code=row.area_code,
        declared=tuple(CareCategoryCode(code) for code in row.declared),
        derived=tuple(CareCategoryCode(code) for code in row.derived),
        surveyed_on=row.surveyed_on,
        archive_complete=row.archive_complete,
        missing=tuple(row.missing),
        helper_id=row.helper_id,
        last_visited_on=row.last_visited_on,
        persons=tuple(_person(member) for member in _members(work, row)),
        consents=tuple(_consent(consent) for consent in store.consents(work, [row.id], within=work.scope)),
        history=tuple(
            HistoryEntry(at=line.at, what=line.what, actor_id=line.actor_id)
            for line in store.history(work, row.id, within=work.scope)
        ),
    )


def get_contact(work: Work, query: GetHouseholdContact) -> ContactView | Refusal:
    """The phone of the head, or of the first adult with one; nothing without consent to messages (L1)."""
    row = store.find_household(work, query.household_id, within=work.scope)
    if row is None:
        return NOT_FOUND
    consents = store.consents(work, [row.id], within=work.scope)
    if not any(consent.purpose == ConsentPurpose.MESSAGES and _is_yes(consent) for consent in consents):
        return ContactView(allowed=False, phone=None, language=LANGUAGE)
    return ContactView(allowed=True, phone=_phone(work, _members(work, row)), language=LANGUAGE)


def _may_read(work: Work, row: sa.Row[Any]) -> bool:
    actor = work.actor
    if actor.is_system or actor.has(*OFFICERS, Role.AUDITOR):
        return True
    return actor.has(Role.FAMILY_MEMBER) and actor.subject_id == row.id


def _members(work: Work, row: sa.Row[Any]) -> list[OpenPerson]:
    """The head first."""
    vault = Vault(work.runtime)
    members = [vault.open(member) for member in store.members(work, [row.id], within=work.scope)]
    return sorted(members, key=lambda member: member.row.relation != "head")


def _phone(work: Work, members: Sequence[OpenPerson]) -> str | None:
    for member in members:
        born = member.born
        of_age = born is not None and age_on(born, work.today) >= ADULT_FROM
        if (of_age or member.row.relation == "head") and member.phone:
            return member.phone
    return None


def _person(member: OpenPerson) -> PersonView:
    born = member.born
    return PersonView(
        person_id=member.row.id,
        name_masked=masked_name(member.name),
        relation=member.row.relation,
        sex=member.row.sex or "",
        birth_year=born.year if born else None,
        id_number_masked=masked_number(member.id_number),
    )


def _consent(row: sa.Row[Any]) -> ConsentView:
    return ConsentView(
        consent_id=row.id,
        purpose=ConsentPurpose(row.purpose),
        answer=ConsentAnswer(row.answer),
        answered_on=row.answered_on,
        withdrawn_on=row.withdrawn_on,
        guardian_verified=row.guardian_verified,
    )


def _is_yes(row: sa.Row[Any]) -> bool:
    return row.answer == ConsentAnswer.YES and row.withdrawn_on is None
