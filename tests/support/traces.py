"""Follows one trace through what every service said, and finds where it breaks."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from chassis.namespace import Namespace
from chassis.settings import Settings
from chassis.tracing import trace_id

SAID = sa.text("select body, traceparent from outbox order by id")


@dataclass(frozen=True)
class Spoken:
    """An event on record, with what led to it."""

    service: str
    id: str
    type: str
    cause: str | None
    trace: str | None
    decision: str | None

    @classmethod
    def of(cls, service: str, body: str, traceparent: str | None) -> "Spoken":
        """From an outbox row; its column and its envelope must not differ."""
        found: dict[str, Any] = json.loads(body)
        assert found.get("traceparent") == traceparent
        return cls(
            service,
            found["id"],
            found["type"],
            found.get("causationid"),
            trace_id(traceparent),
            found.get("decisionid"),
        )


def spoken(settings: Settings, services: Iterable[str]) -> list[Spoken]:
    """Every event of every outbox."""
    return [Spoken.of(service, *row) for service in services for row in rows(settings, service, SAID)]


def rows(settings: Settings, service: str, statement: sa.TextClause, **wanted: object) -> Sequence[sa.Row[Any]]:
    """What the server's administrator sees in a service's database."""
    server = sa.make_url(settings.database_url.get_secret_value())
    engine = sa.create_engine(server.set(database=Namespace(settings.namespace).database(service)))
    try:
        with engine.connect() as connection:
            return connection.execute(statement, wanted).all()
    finally:
        engine.dispose()


def breaks(said: Sequence[Spoken], trace: str, root: str) -> list[str]:
    """Where the trace of one request does not hold: what `root` led to must carry it, and nothing else may."""
    family = {root}
    while more := {each.id for each in said if each.cause in family and each.id not in family}:
        family |= more
    lost = [f"{each.type} of {each.service} has another trace than what caused it" for each in said
            if each.id in family and each.trace != trace]  # fmt: skip
    stray = [f"{each.type} of {each.service} carries the trace and names no cause in it" for each in said
             if each.trace == trace and each.id not in family]  # fmt: skip
    return lost + stray
