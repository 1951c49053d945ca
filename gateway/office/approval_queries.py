"""What is shown of commands that wait for a second person; their personal fields never."""

import json
from typing import Any
from uuid import UUID

from chassis.paging import asked_area, id_cursor
from chassis.sealing import FieldSealer
from chassis.work import Work
from contracts.actor import Role
from contracts.gateway.approvals import (
    ApprovalFile,
    ApprovalPage,
    ApprovalRow,
    ApprovalState,
    GetApproval,
    ListApprovals,
)
from contracts.refusals import NOT_FOUND, Refusal
from gateway.office.store import approvals
from gateway.office.store.approvals import Approval, Asking


def list_approvals(work: Work, query: ListApprovals) -> ApprovalPage:
    """What the actor asked for, and what waits for a role of theirs."""
    wanted = Asking(work.actor.id, sorted(work.actor.roles), query.state, id_cursor(query), query.limit + 1)
    found = approvals.page(work.connection, wanted, within=asked_area(work, query))
    sealer = _sealer(work)
    rows = tuple(ApprovalRow(**_row(work, one, _said(sealer, one))) for one in found[: query.limit])
    return ApprovalPage(items=rows, next_cursor=str(rows[-1].approval_id) if len(found) > query.limit else None)


def get_approval(work: Work, query: GetApproval) -> ApprovalFile | Refusal:
    """One of them, with all that may be shown."""
    found = approvals.find(work.connection, query.approval_id, within=work.scope)
    if found is None or not (found.actor_id == work.actor.id or work.actor.has(*map(Role, found.second_roles))):
        return NOT_FOUND
    sealer = _sealer(work)
    said = _said(sealer, found)
    reason = found.sealed_because and sealer.open(found.sealed_because, approvals.place("sealed_because", found.id))
    return ApprovalFile(
        **_row(work, found, said),
        says=said,
        second_roles=tuple(map(Role, found.second_roles)),
        decided_by=found.decided_by,
        decided_at=found.decided_at,
        decided_because=reason,
        decision_id=found.decision_id,
        answer=found.answer,
        refusal=found.refusal,
    )


def _row(work: Work, one: Approval, said: dict[str, Any]) -> dict[str, Any]:
    over = one.state == ApprovalState.WAITING and not one.awaits(work.now)
    reason = said.get("reason")
    return {
        "approval_id": one.id,
        "command": one.command,
        "state": ApprovalState.EXPIRED if over else ApprovalState(one.state),
        "asked_by": one.actor_id,
        "asked_for": next((person for person in one.people if person != one.actor_id), None),
        "area_code": one.area_code,
        "about": {name: value for name, value in said.items() if _is_id(value)},
        "reason": reason if isinstance(reason, str) else None,
        "since": one.created_at,
        "until": one.until,
        "yours": one.actor_id == work.actor.id,
    }


def _sealer(work: Work) -> FieldSealer:
    return FieldSealer(work.runtime.keys.key(approvals.KEY))


def _said(sealer: FieldSealer, one: Approval) -> dict[str, Any]:
    """What the command says without its personal fields."""
    said: dict[str, Any] = json.loads(sealer.open(one.sealed_says, approvals.place("sealed_says", one.id)))
    return said


def _is_id(value: object) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False
