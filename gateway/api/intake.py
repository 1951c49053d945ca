"""Keeps what law L3 says is always taken in while its service is away: sealed, ordered, withdrawals first.

A withdrawal overtakes everything, and what waits about the same thing waits until it is over. Once its service has
carried it out, what was sent before it is taken back, so that a "yes" which was withdrawn is never delivered after its
withdrawal. Not sooner: only the service knows whether whoever withdraws may speak for the household.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.ids import new_id
from chassis.sealing import BlindIndex, SealBroken, Sealer
from contracts.catalogue import COMMANDS
from contracts.refusals import KEY_REUSED, Refused
from contracts.verdict import body_hash
from gateway.api import intake_store
from gateway.api.metrics import INTAKE
from gateway.api.order import Order
from gateway.api.refusals import TAKEN_BACK

TAKEN_BACK_BY = {kind.spec.resource: kind for kind in COMMANDS.values() if kind.spec.withdrawal}
"""Resource -> the command that takes something of it back."""


class Intake:
    """Seals and opens kept commands. `key` seals, `about_key` hashes what a command is about, `digests` its body."""

    def __init__(self, key: bytes, about_key: bytes, digests: BlindIndex) -> None:
        self._sealer = Sealer(key)
        self._index = BlindIndex(about_key)
        self._digests = digests

    def must_wait(self, connection: sa.Connection, orders: Sequence[Order]) -> list[bool]:
        """For each whether it has to queue behind others that wait."""
        places = [(one.actor.id, self._about(one)) if one.spec.never_blocked else None for one in orders]
        found = intake_store.others_wait(connection, [place for place in places if place is not None])
        return [place in found for place in places]

    def keep(self, connection: sa.Connection, order: Order, now: datetime) -> intake_store.Status:
        """Take it in; the same key again answers what stands there. Refused if the key was another command's."""
        kept = self._sealed(order)
        found = intake_store.keep(connection, kept, now)
        if found.body_digest != kept.body_digest:
            raise Refused(KEY_REUSED)
        if found.id == kept.id:
            INTAKE.labels("kept").inc()
        return found

    def delivered(
        self, connection: sa.Connection, kept: intake_store.Kept, answer: dict[str, Any] | None, now: datetime
    ) -> None:
        """Its service carried it out; a withdrawal now takes back what was sent before it."""
        intake_store.finish(connection, kept.id, now, answer=answer)
        INTAKE.labels("delivered").inc()
        if COMMANDS[kept.command].spec.withdrawal:
            INTAKE.labels("taken_back").inc(intake_store.take_back(connection, kept, TAKEN_BACK.wire(), now))

    def open(self, kept: intake_store.Kept) -> Order:
        """The command again; SealBroken if it was altered or is not this row's."""
        plain = self._sealer.open(kept.sealed, kept.id.bytes)
        try:
            return Order.model_validate_json(plain)
        except ValueError as error:
            raise SealBroken from error

    def _sealed(self, order: Order) -> intake_store.Kept:
        intake_id: UUID = new_id()
        return intake_store.Kept(
            id=intake_id,
            actor_id=order.actor.id,
            service=order.service,
            command=order.name,
            priority=0 if order.spec.withdrawal else 1,
            about=self._about(order),
            idempotency_key=order.idempotency_key,
            body_digest=self._digests.of(body_hash(order.name, order.body)),
            sealed=self._sealer.seal(order.model_dump_json().encode(), intake_id.bytes),
        )

    def _about(self, order: Order) -> bytes | None:
        """A keyed hash of what a withdrawal would name: the same for what it takes back; None where nothing does."""
        withdrawal = TAKEN_BACK_BY.get(order.spec.resource)
        if withdrawal is None or not withdrawal.model_fields.keys() <= order.body.keys():
            return None
        named = {name: order.body[name] for name in withdrawal.model_fields}
        return self._index.of(json.dumps([order.spec.resource, named], sort_keys=True))
