"""Brings a file up to date with a later survey, keeping what was known before."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from chassis.sealing import FieldSealer
from contracts.households import HouseholdReclassified
from services.households.store import Vault
from services.households.usecases.batch import Batch, Row
from services.households.usecases.consenting import add_consent, standing_of
from services.households.usecases.enrolling import add_member, member_row
from services.households.usecases.recognising import Listed
from services.households.usecases.surveyed import (
    Round,
    add_answer,
    add_needs,
    answered,
    categories_of,
    described,
    sealed_restricted,
)

ANSWERED = ("round_year", "surveyed_on", "archive_complete", "missing")


@dataclass(frozen=True, slots=True)
class OnFile:
    """A household as it stands: its row, its present members with their keys, its consents."""

    row: sa.Row[Any]
    members: list[sa.Row[Any]]
    consents: list[sa.Row[Any]]


class Holder(NamedTuple):
    """A member with their key in use."""

    person_id: UUID
    key_id: UUID
    sealer: FieldSealer


def update(batch: Batch, item: Listed, known: OnFile, survey: Round, vault: Vault) -> None:
    """Add to the batch what a survey changes about a known household."""
    head = _update_members(batch, item, known, vault)
    row: Row = {
        "id": known.row.id,
        "area_code": known.row.area_code,
        "version": known.row.version,
        **described(item, survey),
        **sealed_restricted(item, known.row.id, head.key_id, head.sealer, vault),
    }
    batch.changed_households.append(row)
    tell_reclassified(batch, known.row, row, survey.today)
    if any(row[name] != getattr(known.row, name) for name in ANSWERED):
        add_answer(batch, row, survey)
    _note(batch, known.row, "surveyed")
    _update_consents(batch, item, known, survey, head.person_id)
    add_needs(batch, item, row, head.sealer, vault)


def tell_reclassified(batch: Batch, before: sa.Row[Any], now: Row, today: date) -> None:
    """Others hear of it where the categories, or whether a minor lives there, differ."""
    known = {"declared": before.declared, "derived": before.derived}
    if categories_of(now) == categories_of(known) and now["has_minor"] == before.has_minor:
        return
    _note(batch, before, "reclassified")
    batch.events.append(
        HouseholdReclassified(
            household_id=before.id,
            area_code=before.area_code,
            changed_on=today,
            categories=categories_of(now),
            has_minor=now["has_minor"],
        )
    )


def _update_members(batch: Batch, item: Listed, known: OnFile, vault: Vault) -> Holder:
    """Members added, changed and gone; the head."""
    present = {bytes(row.id_number_index): row for row in known.members}
    holders: dict[bytes, Holder] = {}
    for at, member in enumerate(item.members):
        row = present.pop(member.index, None)
        if row is None:
            person_id, key = add_member(batch, item, member, known.row.id, vault)
            holders[member.index] = Holder(person_id, key.id, key.sealer)
            _note(batch, known.row, "member-added")
            continue
        holders[member.index] = Holder(row.id, row.key_id, vault.sealer(row))
        if bytes(row.digest) != member.digest or row.ordinal != at:
            sealer = holders[member.index].sealer
            batch.changed_persons.append({"id": row.id, **member_row(item, member, row.id, sealer)})
            _note(batch, known.row, "member-changed")
    for row in present.values():
        batch.gone.append(row.id)
        _note(batch, known.row, "member-left")
    return holders[item.head.index]


def _update_consents(batch: Batch, item: Listed, known: OnFile, survey: Round, head_id: UUID) -> None:
    by_purpose = {row.purpose: row for row in known.consents}
    for purpose, standing in answered(item, survey, head_id).items():
        current = standing_of(by_purpose.get(purpose))
        if current is None or (current.answer, current.last_said_on) != (standing.answer, standing.last_said_on):
            add_consent(batch, known.row.id, known.row.area_code, purpose, standing, by_purpose.get(purpose))


def _note(batch: Batch, row: sa.Row[Any], what: str) -> None:
    batch.history.append((row.id, row.area_code, what))
