"""Break-glass: opened by whoever has to act, ended by themselves or somebody above, reviewed by somebody else."""

from datetime import timedelta
from uuid import UUID

from chassis.ids import new_id
from chassis.sealing import FieldSealer
from chassis.work import Work
from contracts.actor import Actor, Role
from contracts.area import AreaScope
from contracts.gateway.emergencies import (
    REVIEWERS,
    BreakGlass,
    EmergencyOpened,
    EndEmergency,
    ReviewEmergency,
)
from contracts.messages import Done
from contracts.refusals import NOT_FOUND, OUT_OF_AREA, Refusal
from gateway.office.refusals import (
    EMERGENCY_NOT_OVER,
    EMERGENCY_OPEN,
    EMERGENCY_OVER,
    EMERGENCY_UNREVIEWED,
    REVIEWED_ALREADY,
    SAME_PERSON,
    TOO_LONG,
)
from gateway.office.store import emergencies
from gateway.office.store.emergencies import Opened, Review
from gateway.office.usecases.somebody_else import had_a_part

RANKS = {Role.VILLAGE_WORKER: 0, Role.TOWNSHIP_OFFICER: 1, Role.COUNTY_OFFICER: 2}
ABOVE_ALL = 3


def rank(actor: Actor) -> int:
    """How high somebody stands: officers by their level, the working group and auditors above all."""
    if actor.roles & REVIEWERS:
        return ABOVE_ALL
    return max((RANKS[role] for role in actor.roles & RANKS.keys()), default=-1)


def break_glass(work: Work, asked: BreakGlass) -> EmergencyOpened | Refusal:
    """Open an area at once; it ends by itself. Not by whom one waits for its review too long: care is taken in without."""
    settings = work.runtime.settings
    if not AreaScope(settings.county).covers(asked.opened_area):
        return OUT_OF_AREA.at("/opened_area")
    hours = asked.hours or settings.emergency_hours
    if hours > settings.emergency_hours:
        return TOO_LONG.with_more(most=settings.emergency_hours)
    emergency_id, now = new_id(), work.now
    if emergencies.is_overdue(
        work.connection, work.actor.id, now, now - timedelta(days=settings.emergency_review_days)
    ):
        return EMERGENCY_UNREVIEWED
    opened = Opened(
        id=emergency_id,
        account_id=work.actor.id,
        people=tuple(sorted(work.actor.people)),
        rank=max(RANKS[role] for role in work.actor.roles & RANKS.keys()),
        area_code=work.actor.area,
        opened_area=asked.opened_area,
        reason=asked.reason,
        sealed_account=_sealed(work, asked.account, "sealed_account", emergency_id),
        began_at=now,
        until=now + timedelta(hours=hours),
    )
    if not emergencies.begin(work.connection, opened):
        return EMERGENCY_OPEN
    return EmergencyOpened(emergency_id=emergency_id, until=opened.until)


def end_emergency(work: Work, asked: EndEmergency) -> Done | Refusal:
    """End one's own, or that of somebody below."""
    found = emergencies.find(work.connection, asked.emergency_id, within=work.scope)
    if found is None or (found.account_id != work.actor.id and rank(work.actor) <= found.rank):
        return NOT_FOUND
    if not found.is_open(work.now):
        return EMERGENCY_OVER
    emergencies.end(work.connection, found.id, work.actor.id, work.now)
    return Done()


def review_emergency(work: Work, said: ReviewEmergency) -> Done | Refusal:
    """Find, as somebody else, whether it was justified."""
    found = emergencies.find(work.connection, said.emergency_id, within=work.scope)
    if found is None:
        return NOT_FOUND
    if had_a_part(work, found.people):
        return SAME_PERSON
    if found.finding is not None:
        return REVIEWED_ALREADY
    if found.is_open(work.now):
        return EMERGENCY_NOT_OVER
    sealed = _sealed(work, said.because, "sealed_review", found.id)
    emergencies.review(work.connection, found.id, Review(said.finding, work.actor.id, work.now, sealed))
    return Done()


def _sealed(work: Work, text: str, column: str, emergency_id: UUID) -> bytes:
    sealer = FieldSealer(work.runtime.keys.key(emergencies.KEY))
    return sealer.seal(text, emergencies.place(column, emergency_id))
