"""Pairs, proposed and standing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from chassis.database import ConcurrentChange
from chassis.work import Work
from contracts.area import AreaScope
from contracts.codes import DeclineReason, EndReason, HelperKindCode, Rhythm
from services.pairing.model import STANDING, Match, MatchState
from services.pairing.store.ranges import Row, lies_in, one_of
from services.pairing.tables import helper, household_care, match

DECLINED = (MatchState.DECLINED_BY_HELPER, MatchState.DECLINED_BY_HOUSEHOLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A pair with what was noted beside it when it was proposed."""

    match: Match
    round_id: UUID
    household_number: str
    helper_number: str
    helper_kind: HelperKindCode
    cost: int
    reasons: tuple[str, ...]
    rhythm: Rhythm | None = None
    version: int = 1

    @property
    def id(self) -> UUID:
        """The pair's id."""
        return self.match.id


def _reason(state: MatchState, code: str | None) -> DeclineReason | EndReason | None:
    if code is None:
        return None
    return DeclineReason(code) if state in DECLINED else EndReason(code)


def _kept(row: Row) -> Kept:
    state = MatchState(row.state)
    told = Match(
        id=row.id,
        household_id=row.household_id,
        helper_id=row.helper_id,
        area_code=row.area_code,
        proposed_on=row.proposed_on,
        answer_by=row.answer_by,
        state=state,
        replaces=row.replaces,
        helper_accepted_on=row.helper_accepted_on,
        started_on=row.started_on,
        closed_on=row.closed_on,
        closing_reason=_reason(state, row.closing_reason),
    )
    return Kept(
        match=told,
        round_id=row.round_id,
        household_number=row.household_number,
        helper_number=row.helper_number,
        helper_kind=HelperKindCode(row.helper_kind),
        cost=int(row.cost),
        reasons=tuple(row.reasons),
        rhythm=Rhythm(row.rhythm) if row.rhythm else None,
        version=row.version,
    )


def _columns(kept: Kept) -> dict[str, object]:
    told = kept.match
    return {
        "id": told.id,
        "area_code": told.area_code,
        "round_id": kept.round_id,
        "household_id": told.household_id,
        "household_number": kept.household_number,
        "helper_id": told.helper_id,
        "helper_number": kept.helper_number,
        "helper_kind": kept.helper_kind,
        "cost": kept.cost,
        "reasons": list(kept.reasons),
        "replaces": told.replaces,
        "proposed_on": told.proposed_on,
        "answer_by": told.answer_by,
        **_changing(kept, told),
    }


def _changing(kept: Kept, told: Match) -> dict[str, object]:
    return {
        "state": told.state,
        "rhythm": kept.rhythm,
        "helper_accepted_on": told.helper_accepted_on,
        "started_on": told.started_on,
        "closed_on": told.closed_on,
        "closing_reason": told.closing_reason,
    }


def add_matches(work: Work, proposed: Sequence[Kept], *, within: AreaScope) -> None:
    """Write proposals, however many, in one go."""
    if not all(within.covers(each.match.area_code) for each in proposed):
        raise ValueError("match-outside")
    if proposed:
        work.connection.execute(sa.insert(match), [_columns(each) for each in proposed])


def change_match(
    work: Work, before: Kept, after: Match, *, within: AreaScope, rhythm: Rhythm | None = None
) -> None:
    """Note the pair's next state; ConcurrentChange if somebody else was faster."""
    changed = replace(before, rhythm=rhythm or before.rhythm)
    done = work.connection.execute(
        sa.update(match)
        .where(match.c.id == before.id, match.c.version == before.version, lies_in(match, within=within))
        .values(version=match.c.version + 1, **_changing(changed, after))
    )
    if done.rowcount != 1:
        raise ConcurrentChange("match")


def find_match(work: Work, match_id: UUID, *, within: AreaScope, lock: bool = False) -> Kept | None:
    """The pair, or None if there is none within."""
    return next(iter(_list(work, match.c.id == match_id, within=within, lock=lock)), None)


def matches(work: Work, ids: Collection[UUID], *, within: AreaScope) -> tuple[Kept, ...]:
    """These pairs by household number."""
    return _list(work, one_of(match.c.id, ids, within=within), within=within)


def standing_of_household(work: Work, household_id: UUID, *, within: AreaScope) -> tuple[Kept, ...]:
    """What the household has standing or is asked about, locked: one at most."""
    return _list(work, match.c.household_id == household_id, match.c.state.in_(STANDING), within=within, lock=True)


def standing_of_helper(work: Work, helper_id: UUID, *, within: AreaScope) -> tuple[Kept, ...]:
    """All that a helper carries or is asked for, locked, by household number."""
    return _list(work, match.c.helper_id == helper_id, match.c.state.in_(STANDING), within=within, lock=True)


def unanswered(work: Work, *, within: AreaScope) -> tuple[Kept, ...]:
    """Proposals that nobody has answered yet."""
    return _list(work, match.c.state == MatchState.PROPOSED, within=within)


def standing_with_minors(work: Work, cleared: tuple[date, date], *, within: AreaScope) -> tuple[Kept, ...]:
    """What stands or is asked about where a minor lives, but for helpers cleared between these two days, inclusive."""
    with_minor = sa.select(household_care.c.household_id).where(household_care.c.has_minor)
    surely = sa.select(helper.c.id).where(helper.c.cleared_on.between(*cleared))
    return _list(
        work,
        match.c.state.in_(STANDING),
        match.c.household_id.in_(with_minor),
        match.c.helper_id.not_in(surely),
        within=within,
    )


def _list(
    work: Work, *conditions: sa.ColumnElement[bool], within: AreaScope, lock: bool = False
) -> tuple[Kept, ...]:
    asked = sa.select(match).where(*conditions, lies_in(match, within=within))
    asked = asked.order_by(match.c.household_number, match.c.id)
    return tuple(map(_kept, work.connection.execute(asked.with_for_update() if lock else asked)))


def carried(
    work: Work, *, within: AreaScope, helpers: Collection[UUID] | None = None, but: Collection[UUID] = ()
) -> dict[UUID, int]:
    """How many pairs each helper carries or is asked for, leaving out the pairs `but`. Who carries none is absent."""
    asked = sa.select(match.c.helper_id, sa.func.count().label("pairs")).where(
        match.c.state.in_(STANDING), lies_in(match, within=within)
    )
    if helpers is not None:
        asked = asked.where(one_of(match.c.helper_id, helpers, within=within))
    if but:
        asked = asked.where(~one_of(match.c.id, but, within=within))
    return {row.helper_id: row.pairs for row in work.connection.execute(asked.group_by(match.c.helper_id))}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which pairs a list shows."""

    state: str | None = None
    household_id: UUID | None = None
    helper_id: UUID | None = None
    after: tuple[str, UUID] | None = None
    limit: int = 100


def match_page(work: Work, wanted: Wanted, *, within: AreaScope) -> tuple[Kept, ...]:
    """Up to `wanted.limit` pairs by household number, then id."""
    asked = sa.select(match).where(lies_in(match, within=within))
    for column in ("state", "household_id", "helper_id"):
        if (value := getattr(wanted, column)) is not None:
            asked = asked.where(match.c[column] == value)
    if wanted.after:
        asked = asked.where(sa.tuple_(match.c.household_number, match.c.id) > sa.tuple_(*wanted.after))
    asked = asked.order_by(match.c.household_number, match.c.id).limit(wanted.limit)
    return tuple(map(_kept, work.connection.execute(asked)))
