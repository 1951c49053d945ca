"""All SQL of activities; nothing is read or written outside `within`."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.database import ConcurrentChange
from chassis.ids import new_id
from chassis.sealing import KeyRing
from chassis.work import Work
from contracts.activities import PlanView, ProgrammeView, VisitFile, VisitRow
from contracts.area import LEVEL_BY_LENGTH, AreaLevel, AreaScope
from contracts.codes import Carrier
from contracts.refusals import OUT_OF_AREA, Refused
from services.activities.model import (
    ConsentSpan,
    Draft,
    KnownHousehold,
    KnownMatch,
    Measures,
    PlanChange,
    PlanOnFile,
    PlanState,
    Programme,
    Visit,
)
from services.activities.tables import (
    known_consent,
    known_household,
    known_match,
    plan,
    plan_change,
    programme,
    visit,
)

KEY_VERSION = 1


def _inside(table: sa.Table, within: AreaScope) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.area_code >= within.code, table.c.area_code < within.upper)


def _covered(area_code: str, within: AreaScope) -> str:
    """The area of a row to be written; Refused outside `within`, before row security would have to say so."""
    if not within.covers(area_code):
        raise Refused(OUT_OF_AREA)
    return area_code


# --- programmes: the whole county's, so `within` narrows nothing but must be said like everywhere


def add_programmes(work: Work, wanted: Sequence[Programme], *, within: AreaScope) -> list[ProgrammeView]:
    """Store the carriers that are not there yet; the new ones."""
    rows = [
        {
            "programme_id": new_id(),
            "carrier": one.carrier,
            "name_en": one.name_en,
            "name_zh": one.name_zh,
            "strands": [strand.model_dump() for strand in one.strands],
            "lead_unit": one.lead_unit,
            "implementing_units": list(one.implementing_units),
        }
        for one in wanted
    ]
    added = work.connection.execute(
        insert(programme).values(rows).on_conflict_do_nothing(index_elements=["carrier"]).returning(programme)
    )
    return [_programme(row) for row in added]


def programmes(work: Work, *, within: AreaScope) -> list[ProgrammeView]:
    """All carriers, in the order of their vocabulary."""
    found = [_programme(row) for row in work.connection.execute(sa.select(programme))]
    return sorted(found, key=lambda one: tuple(Carrier).index(one.carrier))


def programme_of(work: Work, carrier: Carrier, *, within: AreaScope) -> ProgrammeView | None:
    """The carrier's programme, if it was registered."""
    row = work.connection.execute(sa.select(programme).where(programme.c.carrier == carrier)).first()
    return _programme(row) if row else None


def _programme(row: sa.Row[Any]) -> ProgrammeView:
    return ProgrammeView.model_validate({**row._mapping, "implementing_units": tuple(row.implementing_units)})


# --- plans


def add_draft(work: Work, draft: Draft, *, within: AreaScope) -> bool:
    """Begin a plan; False if the carrier has an open one for the area and year."""
    added = work.connection.execute(
        insert(plan)
        .values(
            plan_id=draft.id,
            programme_id=draft.programme_id,
            carrier=draft.carrier,
            area_code=_covered(draft.area_code, within),
            level=draft.level,
            year=draft.year,
            title=draft.title,
            drafted_on=work.today,
        )
        .on_conflict_do_nothing()
        .returning(plan.c.plan_id)
    )
    if added.first() is None:
        return False
    _note_change(work, draft.id, draft.area_code, 1, ("title",))
    return True


def plan_on_file(work: Work, plan_id: UUID, *, within: AreaScope) -> PlanOnFile | None:
    """What must be known of a plan to change it or put it in force."""
    shown = plan_shown(work, plan_id, within=within)
    if shown is None:
        return None
    return PlanOnFile(
        id=shown.plan_id,
        carrier=shown.carrier,
        area_code=shown.area_code,
        level=AreaLevel(LEVEL_BY_LENGTH[len(shown.area_code)]),
        year=shown.year,
        state=PlanState(shown.state),
        version=shown.version,
        title=shown.title,
        measures=Measures(
            shown.lead_unit, shown.implementing_units, shown.deadline, shown.budget_line, shown.indicators
        ),
    )


def plan_shown(work: Work, plan_id: UUID, *, within: AreaScope) -> PlanView | None:
    """A plan as it stands."""
    row = work.connection.execute(sa.select(plan).where(plan.c.plan_id == plan_id, _inside(plan, within))).first()
    return _plan(row) if row else None


def plan_changes(work: Work, plan_id: UUID, after: int, *, within: AreaScope) -> list[PlanChange]:
    """What the versions after that one changed."""
    wanted = plan_change.c.plan_id == plan_id, plan_change.c.version > after, _inside(plan_change, within)
    found = work.connection.execute(sa.select(plan_change).where(*wanted).order_by(plan_change.c.version))
    return [PlanChange(row.version, tuple(row.fields), tuple(row.roles), row.changed_at) for row in found]


def rewrite(
    work: Work,
    found: PlanOnFile,
    title: str,
    measures: Measures,
    fields: Sequence[str],
    *,
    in_force: bool = False,
    within: AreaScope,
) -> None:
    """The plan as it stands from now on, and which `fields` that changed; ConcurrentChange if somebody was quicker."""
    state = {"state": PlanState.ACTIVE, "activated_on": work.today} if in_force else {}
    changed = work.connection.execute(
        sa.update(plan)
        .where(plan.c.plan_id == found.id, plan.c.version == found.version, _inside(plan, within))
        .values(
            title=title,
            lead_unit=measures.lead_unit,
            implementing_units=list(measures.implementing_units),
            deadline=measures.deadline,
            budget_line=measures.budget_line,
            indicators=[indicator.model_dump(mode="json") for indicator in measures.indicators],
            version=found.version + 1,
            **state,
        )
    )
    if changed.rowcount != 1:
        raise ConcurrentChange
    _note_change(work, found.id, found.area_code, found.version + 1, fields)


def _note_change(work: Work, plan_id: UUID, area_code: str, version: int, fields: Sequence[str]) -> None:
    work.connection.execute(
        insert(plan_change).values(
            plan_id=plan_id,
            version=version,
            area_code=area_code,
            fields=list(fields),
            roles=sorted(work.actor.roles),
            changed_at=work.now,
        )
    )


def plans(work: Work, year: int | None, before: UUID | None, limit: int, *, within: AreaScope) -> list[PlanView]:
    """Plans, newest first; those before the id `before`."""
    wanted = sa.select(plan).where(_inside(plan, within)).order_by(plan.c.plan_id.desc()).limit(limit)
    if year is not None:
        wanted = wanted.where(plan.c.year == year)
    if before is not None:
        wanted = wanted.where(plan.c.plan_id < before)
    return [_plan(row) for row in work.connection.execute(wanted)]


def _plan(row: sa.Row[Any]) -> PlanView:
    return PlanView.model_validate({**row._mapping, "implementing_units": tuple(row.implementing_units)})


# --- what other services told of


def know_household(work: Work, household_id: UUID, area_code: str, *, within: AreaScope) -> None:
    """A household's village."""
    work.connection.execute(
        insert(known_household)
        .values(household_id=household_id, area_code=_covered(area_code, within))
        .on_conflict_do_update(index_elements=["household_id"], set_={"area_code": area_code})
    )


def open_consent(work: Work, household_id: UUID, area_code: str, given_on: date, *, within: AreaScope) -> None:
    """Consent holds from that day on, unless it holds already."""
    holds = sa.exists().where(known_consent.c.household_id == household_id, known_consent.c.ended_on.is_(None))
    if work.connection.scalar(sa.select(holds)):
        return
    work.connection.execute(
        insert(known_consent)
        .values(household_id=household_id, area_code=_covered(area_code, within), given_on=given_on)
        .on_conflict_do_update(index_elements=["household_id", "given_on"], set_={"ended_on": None})
    )


def close_consent(work: Work, household_id: UUID, ended_on: date, *, within: AreaScope) -> None:
    """Consent, if there was one, ends on that day."""
    work.connection.execute(
        sa.update(known_consent)
        .where(
            known_consent.c.household_id == household_id,
            known_consent.c.ended_on.is_(None),
            _inside(known_consent, within),
        )
        .values(ended_on=ended_on)
    )


def know_match(work: Work, match: KnownMatch, *, within: AreaScope) -> None:
    """A pair that stands."""
    work.connection.execute(
        insert(known_match)
        .values(
            match_id=match.id,
            household_id=match.household_id,
            helper_id=match.helper_id,
            area_code=_covered(match.area_code, within),
            rhythm=match.rhythm,
            started_on=match.started_on,
        )
        .on_conflict_do_nothing()
    )


def end_match(work: Work, match_id: UUID, ended_on: date, *, within: AreaScope) -> None:
    """A pair that stood is over."""
    work.connection.execute(
        sa.update(known_match)
        .where(known_match.c.match_id == match_id, _inside(known_match, within))
        .values(ended_on=ended_on)
    )


def household(work: Work, household_id: UUID, *, within: AreaScope) -> KnownHousehold | None:
    """A household of the area with its pairs and its consent to visits."""
    found = work.connection.execute(
        sa.select(known_household).where(
            known_household.c.household_id == household_id, _inside(known_household, within)
        )
    ).first()
    if found is None:
        return None
    matches = work.connection.execute(
        sa.select(known_match.c.match_id.label("id"), *(c for c in known_match.c if c.name != "match_id")).where(
            known_match.c.household_id == household_id
        )
    )
    consents = work.connection.execute(
        sa.select(known_consent.c.given_on, known_consent.c.ended_on).where(
            known_consent.c.household_id == household_id
        )
    )
    return KnownHousehold(
        household_id,
        found.area_code,
        [KnownMatch(**row._mapping) for row in matches],
        [ConsentSpan(**row._mapping) for row in consents],
    )


# --- visits


def add_visit(work: Work, made: Visit, note: str | None, *, within: AreaScope) -> None:
    """Keep a visit, and its note sealed, if it has one."""
    _covered(made.area_code, within)
    fields = {name: value for name, value in vars(made).items() if name not in ("id", "flags")}
    sealed = _seal(work, made.id, note) if note is not None else {}
    work.connection.execute(sa.insert(visit).values(visit_id=made.id, flags=list(made.flags), **fields, **sealed))


def _ring(work: Work, version: int) -> KeyRing:
    return KeyRing({version: work.runtime.keys.key(f"field-wrap.{version}")})


def _seal(work: Work, visit_id: UUID, note: str) -> dict[str, Any]:
    """The note under a data key of its own, bound to its row; destroying that key erases the note."""
    ring = _ring(work, KEY_VERSION)
    _, wrapped, version = ring.new_key(str(visit_id))
    sealed = ring.unwrap(wrapped, str(visit_id), version).seal(note, _place(visit_id))
    return {"note_sealed": sealed, "note_key": wrapped, "note_key_version": version}


def _open(work: Work, row: sa.Row[Any]) -> str | None:
    """The note of a visit; None where there is none, or where its key was destroyed."""
    if row.note_sealed is None or row.note_key is None:
        return None
    ring = _ring(work, row.note_key_version)
    return ring.unwrap(row.note_key, str(row.visit_id), row.note_key_version).open(
        row.note_sealed, _place(row.visit_id)
    )


def _place(visit_id: UUID) -> str:
    return f"visit.note.{visit_id}"


def find_visit(work: Work, visit_id: UUID, helper_id: UUID | None, *, within: AreaScope) -> VisitFile | None:
    """A visit of the area with its note open; with `helper_id` as in `visits`."""
    wanted = sa.select(visit).where(visit.c.visit_id == visit_id, _inside(visit, within))
    if helper_id is not None:
        wanted = wanted.where(_stood_by(helper_id))
    row = work.connection.execute(wanted).first()
    return VisitFile.model_validate({**row._mapping, "note": _open(work, row)}) if row else None


def _stood_by(helper_id: UUID) -> sa.ColumnElement[bool]:
    """A helper's own visits, at households that they stand by today."""
    stands = sa.exists().where(
        known_match.c.household_id == visit.c.household_id,
        known_match.c.helper_id == helper_id,
        known_match.c.ended_on.is_(None),
    )
    return sa.and_(visit.c.helper_id == helper_id, stands)


def visits(
    work: Work,
    household_id: UUID | None,
    helper_id: UUID | None,
    before: UUID | None,
    limit: int,
    *,
    within: AreaScope,
) -> list[VisitRow]:
    """Visits, last reported first; with `helper_id` that helper's own, at households that they stand by today."""
    wanted = sa.select(visit).where(_inside(visit, within)).order_by(visit.c.visit_id.desc()).limit(limit)
    if household_id is not None:
        wanted = wanted.where(visit.c.household_id == household_id)
    if helper_id is not None:
        wanted = wanted.where(_stood_by(helper_id))
    if before is not None:
        wanted = wanted.where(visit.c.visit_id < before)
    return [VisitRow.model_validate(row._mapping) for row in work.connection.execute(wanted)]
