"""What pairing knows of households."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.work import Work
from contracts.area import AreaScope
from contracts.codes import CareCategoryCode
from services.pairing.model import STANDING, HouseholdCare, MatchState
from services.pairing.store.ranges import Row, lies_in, one_of
from services.pairing.tables import household_care, match

care = household_care


@dataclass(frozen=True, slots=True)
class Known:
    """A household as pairing knows it, and the version of that knowledge."""

    care: HouseholdCare
    version: int


def _known(row: Row) -> Known:
    told = HouseholdCare(
        household_id=row.household_id,
        number=row.number,
        village_code=row.area_code,
        has_minor=row.has_minor,
        categories=frozenset(CareCategoryCode(code) for code in row.categories),
        consented=row.pairing_consent,
        enrolled=row.enrolled,
    )
    return Known(told, row.version)


def enrol(work: Work, told: HouseholdCare, *, within: AreaScope) -> None:
    """A household is enrolled; told again, what it consented to stays as it was."""
    if not within.covers(told.village_code):
        raise ValueError("household-outside")
    facts = {
        "area_code": told.village_code,
        "number": told.number,
        "categories": sorted(told.categories),
        "has_minor": told.has_minor,
        "enrolled": told.enrolled,
    }
    work.connection.execute(
        insert(care)
        .values(household_id=told.household_id, pairing_consent=told.consented, **facts)
        .on_conflict_do_update(index_elements=[care.c.household_id], set_={**facts, "version": care.c.version + 1})
    )


def learn(work: Work, household_id: UUID, *, within: AreaScope, **facts: object) -> Known | None:
    """Something changed about a household; what is known now, the row locked. None if it is not known."""
    row = work.connection.execute(
        sa.update(care)
        .where(care.c.household_id == household_id, lies_in(care, within=within))
        .values(version=care.c.version + 1, **facts)
        .returning(*care.c)
    ).first()
    return _known(row) if row else None


def lock_households(work: Work, ids: Collection[UUID], *, within: AreaScope) -> dict[UUID, Known]:
    """These households by id, held as they are until the transaction ends: no consent is withdrawn unseen."""
    rows = work.connection.execute(
        sa.select(care)
        .where(one_of(care.c.household_id, ids, within=within))
        .order_by(care.c.household_id)
        .with_for_update(read=True)
    )
    return {row.household_id: _known(row) for row in rows}


def households(work: Work, ids: Collection[UUID], *, within: AreaScope) -> tuple[Known, ...]:
    """These households by place and number."""
    return _list(work, one_of(care.c.household_id, ids, within=within), within=within)


def without_pair(work: Work, *, within: AreaScope, among: Collection[UUID] | None = None) -> tuple[Known, ...]:
    """Consenting, enrolled households that nobody stands by or is asked about, by place and number."""
    named = sa.true() if among is None else one_of(care.c.household_id, among, within=within)
    return _list(work, *_waiting(), named, within=within)


def page_without_pair(
    work: Work, after: tuple[str, UUID] | None, limit: int, *, within: AreaScope
) -> tuple[Known, ...]:
    """Up to `limit` of the same by household number, then id, those after `after`."""
    order = sa.tuple_(care.c.number, care.c.household_id)
    asked = sa.select(care).where(*_waiting(), lies_in(care, within=within))
    if after:
        asked = asked.where(order > sa.tuple_(*after))
    asked = asked.order_by(care.c.number, care.c.household_id).limit(limit)
    return tuple(map(_known, work.connection.execute(asked)))


def _waiting() -> tuple[sa.ColumnElement[bool], ...]:
    standing = sa.exists().where(match.c.household_id == care.c.household_id, match.c.state.in_(STANDING))
    return care.c.pairing_consent, care.c.enrolled, ~standing


def _list(work: Work, *conditions: sa.ColumnElement[bool], within: AreaScope) -> tuple[Known, ...]:
    asked = sa.select(care).where(*conditions, lies_in(care, within=within))
    return tuple(map(_known, work.connection.execute(asked.order_by(care.c.area_code, care.c.number))))


def with_refusals(work: Work, known: Iterable[Known], *, within: AreaScope) -> tuple[Known, ...]:
    """The same households, each with the helpers with whom either side has said no. Ask this last."""
    listed = tuple(known)
    rows = work.connection.execute(
        sa.select(match.c.household_id, sa.func.array_agg(match.c.helper_id.distinct()).label("helpers"))
        .where(
            one_of(match.c.household_id, [each.care.household_id for each in listed], within=within),
            match.c.state.in_((MatchState.DECLINED_BY_HELPER, MatchState.DECLINED_BY_HOUSEHOLD)),
        )
        .group_by(match.c.household_id)
    )
    refused = {row.household_id: frozenset(row.helpers) for row in rows}
    return tuple(
        replace(each, care=replace(each.care, refused_helpers=refused.get(each.care.household_id, frozenset())))
        for each in listed
    )
