"""Brings the households of a survey into the register: new ones enrolled, known ones updated, the rest untouched."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from chassis.work import Work
from chassis.workbook_table import Problem
from contracts.area import AreaScope
from services.households import store
from services.households.store import Registered, Vault
from services.households.usecases.batch import Batch
from services.households.usecases.enrolling import enrol
from services.households.usecases.recognising import Listed, Recognised, recognise
from services.households.usecases.surveyed import Round
from services.households.usecases.updating import OnFile, update

Rows = list[sa.Row[Any]]


class Registration(NamedTuple):
    """What came of a survey."""

    households_stored: int
    persons_stored: int
    unchanged: int
    problems: tuple[Problem, ...]


def register(
    work: Work,
    survey: Round,
    listed: Sequence[Listed],
    elsewhere: Mapping[bytes, Registered],
    within: AreaScope,
) -> Registration:
    """Register a survey's households; `elsewhere` is where its people are listed in the rest of the county.

    Nothing is written for a household that is on file with the same content, or with a later survey.
    """
    vault = Vault(work.runtime)
    store.hold_registration(work, within=within)
    here = store.registered(work, [member.index for item in listed for member in item.members], within=within)
    recognised, problems = recognise(listed, {**elsewhere, **here})
    on_file = _on_file(work, recognised, within)
    numbers = store.last_sequences(work, within=within)
    batch, done = Batch(), []
    for item, household_id in recognised:
        if household_id is None:
            numbers[item.village_code] = numbers.get(item.village_code, 0) + 1
            enrol(batch, item, numbers[item.village_code], survey, vault)
        elif is_unchanged(item, on_file[household_id].row, survey):
            continue
        else:
            update(batch, item, on_file[household_id], survey, vault)
        done.append(item)
    batch.write(work, within)
    persons = sum(len(item.members) for item in done)
    return Registration(len(done), persons, len(recognised) - len(done), tuple(problems))


def is_unchanged(item: Listed, row: sa.Row[Any], survey: Round) -> bool:
    """Whether the file says nothing new: the same content, or a survey older than the one on file."""
    return bytes(row.digest) == item.digest or survey.surveyed_on(item.said) < row.surveyed_on


def _on_file(work: Work, recognised: Sequence[Recognised], within: AreaScope) -> dict[UUID, OnFile]:
    ids = sorted({item.household_id for item in recognised if item.household_id})
    rows = store.households_by_id(work, ids, within=within)
    members = _by_household(store.members(work, ids, within=within))
    consents = _by_household(store.consents(work, ids, within=within))
    return {key: OnFile(row, members.get(key, []), consents.get(key, [])) for key, row in rows.items()}


def _by_household(rows: Rows) -> dict[UUID, Rows]:
    grouped: dict[UUID, Rows] = {}
    for row in rows:
        grouped.setdefault(row.household_id, []).append(row)
    return grouped
