"""All SQL about the modes of rules and exemptions from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.area import AreaScope
from gateway.admission.exemptions import Exemption
from gateway.admission.modes import Since
from gateway.office.tables import exemption, rule_mode, rulebook


@dataclass(frozen=True)
class Change:
    """One rule came to be in a mode: since which day, by whom, why."""

    number: int
    rule_id: str
    fingerprint: str
    mode: str
    since: date
    actor_id: str
    reason: str


@dataclass(frozen=True)
class Exempted:
    """An exemption as it is listed."""

    id: UUID
    rule_id: str
    area_code: str
    entity_id: UUID | None
    reason: str
    until: date
    made_on: date
    made_by: str
    ended_on: date | None
    ended_by: str | None


CHANGE = tuple(rule_mode.c[name] for name in Change.__dataclass_fields__)
EXEMPTED = tuple(exemption.c[name] for name in Exempted.__dataclass_fields__)


def revision(connection: sa.Connection) -> int:
    """Rises with every change of modes and exemptions."""
    return int(connection.scalar(sa.select(rulebook.c.revision)) or 0)


def turn_page(connection: sa.Connection) -> None:
    """Raise the revision. Others who change anything wait for this transaction."""
    connection.execute(sa.update(rulebook).values(revision=rulebook.c.revision + 1))


def modes(connection: sa.Connection) -> dict[tuple[str, str], str]:
    """(rule, what it judges by) -> the mode it is in."""
    last = sa.select(sa.func.max(rule_mode.c.number)).group_by(rule_mode.c.rule_id, rule_mode.c.fingerprint)
    newest = sa.select(rule_mode.c.rule_id, rule_mode.c.fingerprint, rule_mode.c.mode).where(
        rule_mode.c.number.in_(last)
    )
    return {(row.rule_id, row.fingerprint): row.mode for row in connection.execute(newest)}


def history(connection: sa.Connection, rule_id: str, fingerprint: str) -> Sequence[Since]:
    """The modes that the rule was in since it judges by this, in order."""
    asked = sa.select(rule_mode.c.mode, rule_mode.c.since).where(
        rule_mode.c.rule_id == rule_id, rule_mode.c.fingerprint == fingerprint
    )
    return [Since(row.mode, row.since) for row in connection.execute(asked.order_by(rule_mode.c.number))]


def changes(connection: sa.Connection, rule_id: str) -> Sequence[Change]:
    """All that was ever decided about a rule, the newest first."""
    asked = sa.select(*CHANGE).where(rule_mode.c.rule_id == rule_id)
    return [Change(**row._mapping) for row in connection.execute(asked.order_by(rule_mode.c.number.desc()))]


def add_mode(connection: sa.Connection, rule: tuple[str, str], now: Since, actor_id: str, reason: str) -> None:
    """The rule (id, fingerprint) is in this mode from now on. Nothing is ever changed in this history."""
    values = {"rule_id": rule[0], "fingerprint": rule[1], "mode": now.mode, "since": now.day}
    connection.execute(sa.insert(rule_mode).values(**values, actor_id=actor_id, reason=reason))


def add_exemption(connection: sa.Connection, new: Exempted) -> None:
    """An exemption begins to hold."""
    connection.execute(sa.insert(exemption).values(**vars(new)))


def end_exemption(
    connection: sa.Connection, exemption_id: UUID, today: date, actor_id: str, *, within: AreaScope
) -> bool:
    """End an exemption before its day; False if none in the area holds."""
    ended = sa.update(exemption).where(exemption.c.id == exemption_id, _holds(today), *_inside(within))
    return bool(connection.execute(ended.values(ended_on=today, ended_by=actor_id)).rowcount)


def exemptions(connection: sa.Connection, today: date) -> Sequence[Exemption]:
    """All that hold today."""
    found = connection.execute(sa.select(*EXEMPTED).where(_holds(today)).order_by(exemption.c.id))
    return [Exemption(row.id, row.rule_id, row.area_code, row.entity_id, row.until) for row in found]


def page(
    connection: sa.Connection, after: UUID | None, limit: int, *, within: AreaScope, holding_on: date | None = None
) -> Sequence[Exempted]:
    """Exemptions in an area in the order they were made, also those that are over unless a day is asked for."""
    asked = sa.select(*EXEMPTED).where(*_inside(within))
    if after is not None:
        asked = asked.where(exemption.c.id > after)
    if holding_on is not None:
        asked = asked.where(_holds(holding_on))
    return [Exempted(**row._mapping) for row in connection.execute(asked.order_by(exemption.c.id).limit(limit))]


def _holds(today: date) -> sa.ColumnElement[bool]:
    return sa.and_(exemption.c.ended_on.is_(None), exemption.c.until >= today)


def _inside(within: AreaScope) -> tuple[Any, ...]:
    return exemption.c.area_code >= within.code, exemption.c.area_code < within.upper
