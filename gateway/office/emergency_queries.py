"""What is shown of emergencies: to the holder, to whoever stands above, and in words to reviewers alone."""

from datetime import timedelta
from typing import Any

from chassis.paging import asked_area, id_cursor
from chassis.sealing import FieldSealer
from chassis.work import Work
from contracts.gateway.emergencies import (
    EmergencyFile,
    EmergencyPage,
    EmergencyRow,
    EmergencyState,
    GetEmergency,
    ListEmergencies,
)
from contracts.refusals import NOT_FOUND, Refusal
from gateway.office.store import emergencies
from gateway.office.store.emergencies import Asking, Emergency
from gateway.office.usecases.emergencies import rank


def list_emergencies(work: Work, query: ListEmergencies) -> EmergencyPage:
    """One's own, and those of whoever stands below in the area."""
    wanted = Asking(work.actor.id, rank(work.actor), query.state, id_cursor(query), query.limit + 1)
    review_from = work.now - _review_within(work)
    found = emergencies.page(work.connection, wanted, work.now, review_from, within=asked_area(work, query))
    rows = tuple(EmergencyRow(**_row(work, one)) for one in found[: query.limit])
    return EmergencyPage(items=rows, next_cursor=str(rows[-1].emergency_id) if len(found) > query.limit else None)


def get_emergency(work: Work, query: GetEmergency) -> EmergencyFile | Refusal:
    """One of them with what happened in words."""
    found = emergencies.find(work.connection, query.emergency_id, within=work.scope)
    if found is None:
        return NOT_FOUND
    sealer = FieldSealer(work.runtime.keys.key(emergencies.KEY))
    account = sealer.open(found.sealed_account, emergencies.place("sealed_account", found.id))
    review = found.sealed_review and sealer.open(found.sealed_review, emergencies.place("sealed_review", found.id))
    return EmergencyFile(**_row(work, found), account=account, reviewed_because=review)


def _row(work: Work, one: Emergency) -> dict[str, Any]:
    return {
        "emergency_id": one.id,
        "account_id": one.account_id,
        "reason": one.reason,
        "area_code": one.area_code,
        "opened_area": one.opened_area,
        "began_at": one.began_at,
        "until": one.until,
        "ended_at": one.ended_at,
        "state": _state(work, one),
        "review_until": one.over_at + _review_within(work),
        "finding": one.finding,
        "reviewed_by": one.reviewed_by,
        "reviewed_at": one.reviewed_at,
        "yours": one.account_id == work.actor.id,
    }


def _state(work: Work, one: Emergency) -> EmergencyState:
    if one.finding is not None:
        return EmergencyState.REVIEWED
    if one.is_open(work.now):
        return EmergencyState.OPEN
    late = work.now >= one.over_at + _review_within(work)
    return EmergencyState.OVERDUE if late else EmergencyState.OVER


def _review_within(work: Work) -> timedelta:
    return timedelta(days=work.runtime.settings.emergency_review_days)
