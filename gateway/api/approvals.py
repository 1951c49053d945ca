"""Keeping a command, sealed, until a second person agrees (security 13); carrying it out is `approving`."""

import json
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from chassis import audit
from chassis.ids import new_id
from chassis.sealing import BlindIndex, FieldSealer, SealBroken
from contracts.refusals import KEY_REUSED, Refused
from contracts.verdict import body_hash
from gateway.api.metrics import APPROVALS
from gateway.api.order import Order
from gateway.office.refusals import TOO_MANY_WAIT
from gateway.office.store import approvals
from gateway.office.store.approvals import Approval, Asked

MOST_WAITING = 100
"""Of one actor: what nobody can look through is not asked for."""

AWAITS_SECOND = "awaits-second-person"
"""How it stands on the record that somebody asked for it."""


class Approvals:
    """Seals and opens what waits. `key` seals, `digests` hashes a command's body; it waits for `kept_for` at most."""

    def __init__(self, key: bytes, digests: BlindIndex, kept_for: timedelta) -> None:
        self._sealer = FieldSealer(key)
        self._digests = digests
        self._kept_for = kept_for

    def keep(self, connection: sa.Connection, order: Order, decision: UUID, now: datetime) -> Approval:
        """Put it down and on record; the same key again answers what stands there. Refused if the key was another's, or too many wait."""
        asked = self._asked(order, now)
        found = approvals.keep(connection, asked)
        if found.body_digest != asked.body_digest:
            raise Refused(KEY_REUSED)
        if found.id == asked.id:
            if approvals.waiting_of(connection, order.actor.id) > MOST_WAITING:
                raise Refused(TOO_MANY_WAIT.with_more(most=MOST_WAITING))
            APPROVALS.labels("asked").inc()
            entry = audit.Entry.by(
                order.actor, now, order.name, about=str(asked.id), outcome=AWAITS_SECOND, decision=decision
            )
            audit.append(connection, [entry])
        return found

    def open(self, one: Approval) -> Order:
        """The command again, under a key that nothing else uses; SealBroken if it was altered or is not this row's."""
        if one.sealed is None:
            raise SealBroken
        plain = self._sealer.open(one.sealed, approvals.place("sealed", one.id))
        try:
            order = Order.model_validate_json(plain)
        except ValueError as error:
            raise SealBroken from error
        return order.model_copy(update={"idempotency_key": f"approval {one.id}"})

    def _asked(self, order: Order, now: datetime) -> Asked:
        approval_id: UUID = new_id()
        second = order.spec.second
        hidden = order.spec.personal - (second.sees if second else frozenset())
        shown = {name: value for name, value in order.body.items() if name not in hidden}
        return Asked(
            id=approval_id,
            command=order.name,
            actor_id=order.actor.id,
            people=tuple(sorted(order.actor.people)),
            area_code=order.body.get("area_code") or order.actor.area,
            second_roles=tuple(sorted(second.roles)) if second else (),
            idempotency_key=order.idempotency_key,
            body_digest=self._digests.of(body_hash(order.name, order.body)),
            sealed=self._sealer.seal(order.model_dump_json(), approvals.place("sealed", approval_id)),
            sealed_says=self._sealer.seal(json.dumps(shown), approvals.place("sealed_says", approval_id)),
            created_at=now,
            until=now + self._kept_for,
        )
