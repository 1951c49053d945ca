"""All SQL about verdicts and the rules they were made by: written once, read by whom they concern, forgotten in time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from contracts.area import AreaScope
from contracts.messages import CommandSpec
from gateway.admission.replaying import Kept
from gateway.admission.verdict import Verdict
from gateway.office.tables import account, ruleset, verdict, verdict_omitted

AT_ONCE = 5_000
STREAMED = 500
KEPT = (
    verdict.c.id,
    verdict.c.at,
    verdict.c.area_code,
    verdict.c.command,
    verdict.c.resource,
    verdict.c.action,
    verdict.c.outcome,
    verdict.c.rules,
    verdict.c.named_values,
    verdict.c.ruleset_version,
)

KEEP = sa.insert(verdict)
"""Made once: each command's way leads over it."""


@dataclass(frozen=True)
class Omitted:
    """How many verdicts of one actor, command and outcome in one minute were not kept."""

    actor_id: str
    minute: datetime
    command: str
    outcome: str
    count: int


def keep(connection: sa.Connection, these: Sequence[tuple[Verdict, CommandSpec, bytes]]) -> None:
    """Put verdicts on record, denials too. Each with a keyed digest of the body: a short note could be guessed from a bare one."""
    if these:
        connection.execute(KEEP, [_row(*each) for each in these])


def _row(one: Verdict, spec: CommandSpec, digest: bytes) -> dict[str, Any]:
    return {
        "id": one.id,
        "at": one.issued_at,
        "actor_id": one.actor_id,
        "area_code": one.area,
        "command": one.command,
        "resource": spec.resource,
        "action": spec.action,
        "outcome": one.outcome,
        "rules": [rule.model_dump(mode="json", exclude_none=True) for rule in one.rules],
        "named_values": dict(one.values),
        "body_digest": digest,
        "ruleset_version": one.ruleset_version,
    }


def forget(connection: sa.Connection, verdict_id: UUID) -> None:
    """Take back the record of a change that never happened: its service refused it, as it did many others."""
    connection.execute(sa.delete(verdict).where(verdict.c.id == verdict_id))


def omit(connection: sa.Connection, omitted: Sequence[Omitted]) -> None:
    """Count verdicts that were not kept."""
    if not omitted:
        return
    added = insert(verdict_omitted).values([vars(one) for one in omitted])
    connection.execute(
        added.on_conflict_do_update(
            index_elements=list(verdict_omitted.primary_key.columns),
            set_={"count": verdict_omitted.c.count + added.excluded.count},
        )
    )


def omitted(
    connection: sa.Connection, since: datetime, limit: int, *, within: AreaScope | None
) -> Sequence[Omitted]:
    """The newest minutes in which some were not kept: of accounts of an area, or of everybody who acts."""
    asked = sa.select(verdict_omitted).where(verdict_omitted.c.minute >= since)
    if within is not None:
        theirs = sa.select(sa.cast(account.c.id, sa.Text)).where(
            account.c.area_code >= within.code, account.c.area_code < within.upper
        )
        asked = asked.where(verdict_omitted.c.actor_id.in_(theirs))
    newest = asked.order_by(verdict_omitted.c.minute.desc(), verdict_omitted.c.count.desc()).limit(limit)
    return [Omitted(**row._mapping) for row in connection.execute(newest)]


def purge(connection: sa.Connection, before: datetime) -> int:
    """Forget some of the verdicts that are older; how many. Call again until it is 0."""
    old = sa.select(verdict.c.id).where(verdict.c.at < before).limit(AT_ONCE)
    gone = connection.execute(sa.delete(verdict).where(verdict.c.id.in_(old))).rowcount
    connection.execute(sa.delete(verdict_omitted).where(verdict_omitted.c.minute < before))
    return gone


def one(connection: sa.Connection, verdict_id: UUID, *, within: AreaScope) -> Kept | None:
    """A verdict as it was kept, if it lies in the area."""
    row = connection.execute(sa.select(*KEPT).where(verdict.c.id == verdict_id, *_inside(within))).first()
    return _kept(row) if row else None


def stream(
    connection: sa.Connection,
    since: datetime,
    *,
    within: AreaScope,
    subjects: Sequence[tuple[str, str]] | None = None,
) -> Iterator[Kept]:
    """Verdicts from `since` on, the newest first, over these (resource, action) or all; only a few are held at once."""
    asked = sa.select(*KEPT).where(verdict.c.at >= since, *_inside(within))
    if subjects is not None:
        asked = asked.where(sa.tuple_(verdict.c.resource, verdict.c.action).in_(list(subjects)))
    asked = asked.order_by(verdict.c.at.desc())
    for row in connection.execute(asked.execution_options(yield_per=STREAMED)):
        yield _kept(row)


def keep_ruleset(
    connection: sa.Connection, version: str, rules: Sequence[Mapping[str, Any]], words: Mapping[str, Any]
) -> None:
    """Keep what a version of the rules says; one that is there is the same."""
    kept = insert(ruleset).values(version=version, rules=list(rules), words=dict(words))
    connection.execute(kept.on_conflict_do_nothing())


def ruleset_of(
    connection: sa.Connection, version: str
) -> tuple[Sequence[Mapping[str, Any]], Mapping[str, Any]] | None:
    """(rules, words) of a version."""
    row = connection.execute(
        sa.select(ruleset.c.rules, ruleset.c.words).where(ruleset.c.version == version)
    ).first()
    return (row.rules, row.words) if row else None


def _inside(within: AreaScope) -> tuple[sa.ColumnElement[bool], ...]:
    return verdict.c.area_code >= within.code, verdict.c.area_code < within.upper


def _kept(row: sa.Row[*tuple[Any, ...]]) -> Kept:
    found = row._mapping
    return Kept(
        id=found["id"],
        at=found["at"],
        area=found["area_code"],
        command=found["command"],
        resource=found["resource"],
        action=found["action"],
        outcome=found["outcome"],
        rules=tuple(found["rules"]),
        values=found["named_values"],
        ruleset_version=found["ruleset_version"],
    )
