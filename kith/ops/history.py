"""What is known of one event at one consumer: its envelope, why it waits, and what operators did about it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.inbox_upkeep import Held, Skipped
from chassis.service import Service
from chassis.settings import Settings
from kith.ops import reaching, showing

AT_SOURCE = sa.text("""
    select created_at, not exists (select from outbox_unsent u where u.id = outbox.id) as sent
    from outbox where event_id = :event
""")
DONE = sa.text("""
    select at, actor_id, what, outcome from audit where about = :event and what like 'ops.%' order by id
""")


@dataclass(frozen=True)
class Doing:
    """One line of the record."""

    at: datetime
    actor_id: str
    what: str
    outcome: str


@dataclass(frozen=True)
class History:
    """An event at a consumer that holds it or has given it up."""

    consumer: str
    envelope: dict[str, Any]
    state: str
    attempts: int
    error: str | None
    waits_for: str | None
    since: datetime | None
    due_at: datetime | None
    behind: int | None
    recorded_at: datetime | None
    """None where the source's outbox no longer holds it."""

    sent: bool | None
    reason: str | None
    """Why it was skipped, if it was."""

    done: tuple[Doing, ...]


def of_event(settings: Settings, consumer: Service, event: UUID, kept: Held | Skipped) -> History:
    """Read what consumer and source know about it."""
    with reaching.engine(settings, consumer.database_name) as engine, engine.connect() as connection:
        done = tuple(Doing(*row) for row in connection.execute(DONE, {"event": str(event)}))
    with reaching.engine(settings, kept.source.rsplit("/", 1)[-1]) as engine, engine.connect() as connection:
        said = connection.execute(AT_SOURCE, {"event": event}).one_or_none()
    held = kept if isinstance(kept, Held) else None
    return History(
        consumer=consumer.name,
        envelope=json.loads(kept.body),
        state=held.state if held else "skipped",
        attempts=kept.attempts,
        error=kept.error,
        waits_for=held.waits_for if held else None,
        since=held.since if held else None,
        due_at=held.due_at if held else None,
        behind=held.behind if held else None,
        recorded_at=said.created_at if said else None,
        sent=said.sent if said else None,
        reason=None if isinstance(kept, Held) else kept.reason,
        done=done,
    )


def show(found: History, settings: Settings) -> None:
    """For a person: facts and record, then the envelope."""
    table = showing.table(f"{found.envelope['type']} at {found.consumer}", "", "")
    table.show_header = False
    for name, value in _facts(found, settings):
        table.add_row(name, value)
    showing.say(table)
    showing.say(json.dumps(found.envelope, indent=2, ensure_ascii=False))


def _facts(found: History, settings: Settings) -> list[tuple[str, str]]:
    facts = [
        ("state", found.state),
        ("tries", str(found.attempts)),
        ("error", found.error or "–"),
        ("recorded", showing.local(found.recorded_at, settings)),
        ("sent", {True: "yes", False: "not yet", None: "–"}[found.sent]),
    ]
    if found.since:
        facts.append(("waits since", showing.local(found.since, settings)))
        facts.append(("wait behind it", str(found.behind)))
    if found.due_at:
        facts.append(("tried again", showing.local(found.due_at, settings)))
    if found.waits_for:
        facts.append(("waits for", found.waits_for))
    if found.reason:
        facts.append(("skipped because", found.reason))
    return facts + [
        (showing.local(one.at, settings), f"{one.what.removeprefix('ops.')} by {one.actor_id}")
        for one in found.done
    ]
