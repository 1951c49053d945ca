"""Carry out one call: the same way under every host, from the sealed message to the sealed answer."""

import json
import time
from typing import Any, Protocol, TypeVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.dialects.postgresql import insert

from chassis import access
from chassis.crash_points import reached
from chassis.database import away
from chassis.logging import logger
from chassis.metrics import CALLS
from chassis.runtime import Runtime
from chassis.schema import idempotency
from chassis.sealing import BlindIndex
from chassis.tracing import child_of, trace_id
from chassis.verdicts import VerdictRefused, VerdictSigner
from chassis.wording import wrong_fields
from chassis.work import Work, transact
from contracts.actor import Actor
from contracts.catalogue import COMMANDS, QUERIES
from contracts.messages import Answer, Command, Message, Query, View
from contracts.refusals import (
    DEADLINE_PASSED,
    INTERNAL,
    KEY_REUSED,
    UNAVAILABLE,
    UNKNOWN_MESSAGE,
    VERDICT_REFUSED,
    Refusal,
    Refused,
)
from contracts.verdict import body_hash

M_ = TypeVar("M_", bound=Message)


class Call(BaseModel):
    """A command or query on its way to the service that owns it. `deadline` is in seconds since 1970, UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID
    name: str
    body: dict[str, Any]
    actor: Actor
    deadline: float
    idempotency_key: str | None = None
    verdict: str | None = None
    traceparent: str | None = None


class Reply(BaseModel):
    """What came of a call: an answer, or a refusal. `repeated`: the key had been used, this is the first answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    answer: dict[str, Any] | None = None
    refusal: dict[str, Any] | None = None
    repeated: bool = False

    @classmethod
    def refused(cls, refusal: Refusal) -> "Reply":
        """A reply that says no."""
        return cls(refusal=refusal.wire())


class Executor(Protocol):
    """Whatever can carry out calls."""

    def execute(self, call: Call) -> Reply:
        """The reply to the call; never raises."""
        ...


class LocalExecutor:
    """Carries out calls of one service in this process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._verdicts = VerdictSigner(runtime.keys.key("verdict"), runtime.clock.now)

    def execute(self, call: Call) -> Reply:
        """Carry out a command or answer a query; every way out is a reply."""
        started = time.perf_counter()
        try:
            reply = self._execute(call)
        except Refused as refused:
            reply = Reply.refused(refused.refusal)
        except Exception as error:  # a caller gets a reply, whatever happens here
            reply = Reply.refused(self._unexpected(call, error))
        outcome = reply.refusal["code"] if reply.refusal else "done"
        name = call.name if call.name in COMMANDS or call.name in QUERIES else "unknown"
        CALLS.labels(self._runtime.name, name, outcome).observe(time.perf_counter() - started)
        return reply

    def _unexpected(self, call: Call, error: Exception) -> Refusal:
        if away(error) or isinstance(error, sa.exc.TimeoutError):
            logger().warning(
                "database_away", service=self._runtime.name, call=str(call.id), trace=trace_id(call.traceparent)
            )
            return UNAVAILABLE
        logger().error(
            "call_failed", name=call.name, call=str(call.id), trace=trace_id(call.traceparent), error=error
        )
        return INTERNAL.with_more(trace=trace_id(child_of(call.traceparent)))

    def _execute(self, call: Call) -> Reply:
        if self._runtime.clock.now().timestamp() > call.deadline:
            return Reply.refused(DEADLINE_PASSED)
        if command := COMMANDS.get(call.name):
            return self._command(call, command)
        if query := QUERIES.get(call.name):
            return self._query(call, query)
        return Reply.refused(UNKNOWN_MESSAGE)

    # --- commands

    def _command(self, call: Call, kind: type[Command]) -> Reply:
        handler = self._runtime.service.commands.get(kind)
        if handler is None:
            return Reply.refused(UNKNOWN_MESSAGE)
        try:
            decision = self._decision(call)
        except VerdictRefused as refused:
            return self._refuse(call, VERDICT_REFUSED.with_more(reason=refused.code))
        command = parse(kind, call.body)
        if refusal := access.refuse(command, call.actor):
            return self._refuse(call, refusal, decision)

        def do(work: Work) -> Reply:
            if repeated := _first_answer(work, call):
                return repeated
            answer = handler(work, command)
            if isinstance(answer, Refusal):
                raise Refused(answer)
            work.audit(call.name, about=_about(command) or _about(answer))
            reply = _keep_answer(work, call, answer)
            reached("command.commit")
            return reply

        context = {"causation": str(call.id), "decision": decision, "traceparent": child_of(call.traceparent)}
        try:
            reply = transact(self._runtime, call.actor, do, **context)
        except Refused as refused:
            return self._refuse(call, refused.refusal, decision)
        reached("command.committed")
        return reply

    def _decision(self, call: Call) -> UUID:
        """The id of the gateway's verdict; VerdictRefused unless it allows this very command now."""
        claims = self._verdicts.verify(
            call.verdict, call.name, call.body, call.actor.id, call.actor.area, self._runtime.clock.now()
        )
        return claims.id

    def _refuse(self, call: Call, refusal: Refusal, decision: UUID | None = None) -> Reply:
        """Say no, and put on record that somebody tried."""

        def do(work: Work) -> None:
            work.audit(call.name, outcome=refusal.code)

        transact(self._runtime, call.actor, do, decision=decision)
        return Reply.refused(refusal)

    # --- queries

    def _query(self, call: Call, kind: type[Query]) -> Reply:
        handler = self._runtime.service.queries.get(kind)
        if handler is None:
            return Reply.refused(UNKNOWN_MESSAGE)
        query = parse(kind, call.body)
        if refusal := access.refuse(query, call.actor):
            return self._refuse(call, refusal) if kind.spec.purposes else Reply.refused(refusal)
        on_record = kind.spec.purposes or call.actor.emergency

        def do(work: Work) -> Reply:
            view = handler(work, query)
            if isinstance(view, Refusal):
                raise Refused(view)
            if on_record:
                work.audit(call.name, about=_about(query))
            return Reply(answer=view.model_dump(mode="json"))

        context = {"decision": call.actor.emergency, "traceparent": child_of(call.traceparent)}
        return transact(self._runtime, call.actor, do, **context)


def answer_of(call_name: str, reply: Reply) -> Answer | View:
    """The typed answer; Refused if the reply says no."""
    if reply.refusal is not None:
        raise Refused(Refusal.from_wire(reply.refusal))
    spec = COMMANDS[call_name].spec if call_name in COMMANDS else QUERIES[call_name].spec
    return spec.answer.model_validate(reply.answer)


def parse(kind: type[M_], body: dict[str, Any]) -> M_:
    """The message, or Refused with pointers at what is wrong."""
    try:
        return kind.model_validate_json(json.dumps(body))
    except ValidationError as error:
        raise Refused(wrong_fields(error.errors(include_url=False, include_input=False))) from error


def _about(message: Command | Query | Answer) -> str | None:
    """What the record says the message was about: its first id."""
    return next((str(value) for _, value in message if isinstance(value, UUID)), None)


def _first_answer(work: Work, call: Call) -> Reply | None:
    """Claim the idempotency key; if it was used, the first answer. Holds until a concurrent first try is over.

    The body is remembered by a keyed hash: a short note could be guessed from a bare one.
    """
    if call.idempotency_key is None:
        return None
    mine = {"actor_id": call.actor.id, "key": call.idempotency_key}
    digest = BlindIndex(work.runtime.keys.key("idempotency")).of(body_hash(call.name, call.body)).hex()
    claimed = work.connection.execute(
        insert(idempotency).values(**mine, body_hash=digest).on_conflict_do_nothing().returning(idempotency.c.key)
    ).first()
    if claimed:
        return None
    first = work.connection.execute(sa.select(idempotency).filter_by(**mine)).one()
    if first.body_hash != digest:
        raise Refused(KEY_REUSED)
    return Reply(answer=first.answer, repeated=True)


def _keep_answer(work: Work, call: Call, answer: Answer) -> Reply:
    wire = answer.model_dump(mode="json")
    if call.idempotency_key is not None:
        kept = {**wire, **dict.fromkeys(answer.told_once)}
        work.connection.execute(
            sa.update(idempotency)
            .where(idempotency.c.actor_id == call.actor.id, idempotency.c.key == call.idempotency_key)
            .values(answer=kept)
        )
    return Reply(answer=wire)
