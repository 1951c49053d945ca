"""Speaks to one service as its hosts do: commands with a verdict, queries, and events through its inbox."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from chassis import migrating
from chassis.execution import Call, LocalExecutor, Reply
from chassis.ids import new_id
from chassis.inbox import Inbox
from chassis.runtime import Runtime
from chassis.schema import outbox
from chassis.service import Service
from chassis.settings import Settings
from chassis.surroundings import Peers
from chassis.verdicts import VerdictSigner
from chassis.work import transact
from contracts.actor import Actor
from contracts.catalogue import owner
from contracts.envelope import Envelope
from contracts.messages import Command, Event, Query
from contracts.verdict import VerdictClaims, body_hash

E_ = TypeVar("E_", bound=Event)


@contextmanager
def hosted(service: Service, package: str, settings: Settings, peers: Peers) -> Iterator[Runtime]:
    """The service on a fresh database, with what it does on an installation's first start done."""
    migrating.create(settings, [service.name])
    migrating.upgrade(settings, service.name, Path(package).parent / "migrations")
    runtime = Runtime.of(service, settings, peers)
    for begin in service.on_start:
        transact(runtime, runtime.system, begin)
    try:
        yield runtime
    finally:
        runtime.database.close()


class NoPeers:
    """For a service that asks nobody."""

    def ask(self, query: Query, actor: Actor, traceparent: str | None) -> Any:
        raise AssertionError(f"nobody should be asked {query.spec.name}")


class Speaker:
    """Remembers how many events of each subject it told, so that each comes in its turn."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.executor = LocalExecutor(runtime)
        self._inbox = Inbox(runtime)
        self._told: Counter[tuple[str, str]] = Counter()

    def tell(self, *events: Event) -> list[Envelope]:
        """Events of other services arrive; they can be delivered again with `deliver`."""
        envelopes = [self._envelope(event) for event in events]
        self.deliver(*envelopes)
        return envelopes

    def deliver(self, *envelopes: Envelope) -> int:
        """How many of these envelopes were applied."""
        return self._inbox.receive(envelopes)

    def _envelope(self, event: Event) -> Envelope:
        source = f"/kith/{self.runtime.settings.county}/{owner(event.type)}"
        self._told[source, event.subject] += 1
        return Envelope(
            id=new_id(),
            source=source,
            type=event.type,
            subject=event.subject,
            time=self.runtime.clock.now(),
            epoch=1,
            sequence=self._told[source, event.subject],
            data=event.model_dump(mode="json"),
        )

    def do(self, actor: Actor, command: Command, key: str | None = None) -> Reply:
        """A command as the gateway would send it, with a verdict that lets it in."""
        name, body = command.spec.name, command.model_dump(mode="json")
        return self._call(actor, name, body, key, self._verdict(actor, name, body))

    def ask(self, actor: Actor, query: Query) -> Reply:
        return self._call(actor, query.spec.name, query.model_dump(mode="json"))

    def said(self, event: type[E_]) -> list[E_]:
        """What the service's outbox holds of one type."""
        with self.runtime.database.begin() as connection:
            bodies = connection.scalars(
                sa.select(outbox.c.body).where(outbox.c.type == event.type).order_by(outbox.c.id)
            )
            return [event.model_validate(Envelope.model_validate_json(body).data) for body in bodies]

    def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """What the database holds, seen with the county's scope."""
        return transact(
            self.runtime,
            self.runtime.system,
            lambda work: [dict(row._mapping) for row in work.connection.execute(sa.text(statement), values)],
        )

    def everything_kept(self) -> str:
        """All rows of all tables as text, to look for what must not be there."""
        tables = self.rows(
            "select tablename from pg_tables where schemaname = 'public' and not starts_with(tablename, 'outbox_y')"
        )
        return "\n".join(str(self.rows(f'select t::text as row from "{table["tablename"]}" t')) for table in tables)

    def _call(
        self, actor: Actor, name: str, body: dict[str, Any], key: str | None = None, verdict: str | None = None
    ) -> Reply:
        return self.executor.execute(
            Call(
                id=new_id(),
                name=name,
                body=body,
                actor=actor,
                deadline=time.time() + 10,
                idempotency_key=key,
                verdict=verdict,
            )
        )

    def _verdict(self, actor: Actor, name: str, body: dict[str, Any]) -> str:
        clock = self.runtime.clock
        now = clock.now()
        claims = VerdictClaims(
            id=new_id(),
            command=name,
            body_sha256=body_hash(name, body),
            actor_id=actor.id,
            area=actor.area,
            issued_at=now,
            expires_at=now + timedelta(seconds=30),
            outcome="allow",
            ruleset_version="test",
        )
        return VerdictSigner(self.runtime.keys.key("verdict"), clock.now).sign(claims)


def answered(reply: Reply) -> dict[str, Any]:
    """The answer; a refusal fails the test, saying which."""
    assert reply.answer is not None, reply.refusal
    return reply.answer


def created(reply: Reply) -> UUID:
    """The id of what now exists."""
    return UUID(answered(reply)["id"])


def refused(reply: Reply) -> tuple[int, str]:
    """(status, code) of a refusal."""
    assert reply.refusal is not None, reply.answer
    return reply.refusal["status"], reply.refusal["code"]
