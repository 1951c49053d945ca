"""`kith ops gaps`: what a consumer lacks, since when, and what to do about it. Status 1 if there is anything."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

import sqlalchemy as sa
import typer

from chassis import inbox_gaps
from chassis.clock import Clock
from chassis.dead_letters import BrokerAway, DeadLetters, NoQueue
from chassis.inbox_gaps import Diverged, Hole, LacksFact, Tail
from chassis.service import Service
from chassis.settings import Settings
from contracts.catalogue import SOURCES
from kith.installed import here
from kith.ops import reaching, showing
from kith.ops.showing import Json, say

EPOCH = sa.text("select number from epoch")


@dataclass
class Tails:
    """Streams of one source whose end never came; only the first are listed, all are counted."""

    source: str
    subjects: int = 0
    first: list[Tail] = field(default_factory=list)


@dataclass(frozen=True)
class Gaps:
    """What one consumer lacks."""

    consumer: str
    holes: list[Hole]
    lacking: list[LacksFact]
    tails: list[Tails]
    diverged: list[Diverged]
    on_the_broker: int | None
    """Messages that lie in its queue: what seems lost may be among them. None without a broker that answers."""

    def __bool__(self) -> bool:
        return bool(self.holes or self.lacking or self.tails or self.diverged)


def gaps(
    consumer: Annotated[str | None, typer.Option(help="only this one")] = None,
    patience: Annotated[float, typer.Option(min=0, help="seconds that something may be on its way")] = 60.0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="of each kind")] = 20,
    as_json: Json = False,
) -> None:
    """What a consumer lacks. Status 1 if there is anything."""
    settings, wait = here(), timedelta(seconds=patience)
    found = [look(settings, each, limit, wait) for each in reaching.consumers(consumer)]
    if as_json:
        showing.as_json(found)
    else:
        _show(found, Clock.of(settings).now())
    raise typer.Exit(1 if any(found) else 0)


def look(settings: Settings, consumer: Service, limit: int, patience: timedelta = inbox_gaps.PATIENCE) -> Gaps:
    """Everything that one consumer lacks; up to `limit` of each kind."""
    with reaching.engine(settings, consumer.database_name) as engine:
        with engine.connect() as connection:
            holes = inbox_gaps.holes(connection, limit, patience)
            lacking = inbox_gaps.lacking_facts(connection, limit, patience)
            diverged = inbox_gaps.diverged(connection, limit)
        tails = [
            found
            for source in sorted(consumer.sources(SOURCES))
            if (found := _tails(settings, source, engine, limit, patience)).subjects
        ]
    waiting = _on_the_broker(settings, consumer.name) if tails else None
    return Gaps(consumer.name, holes, lacking, tails, diverged, waiting)


def _tails(settings: Settings, source: str, consumer: sa.Engine, limit: int, patience: timedelta) -> Tails:
    found = Tails(source)
    with reaching.engine(settings, source) as engine:
        with engine.connect() as connection:
            epoch = int(connection.scalar(EPOCH) or 1)
        name = reaching.source_of(settings, source)
        for tail in inbox_gaps.lost_tails(engine, consumer, name, epoch, patience):
            found.subjects += 1
            if len(found.first) < limit:
                found.first.append(tail)
    return found


def _on_the_broker(settings: Settings, consumer: str) -> int | None:
    if settings.mode != "broker":
        return None
    try:
        with DeadLetters(settings) as broker:
            return broker.waiting(consumer)
    except (BrokerAway, NoQueue):
        return None


REMEDIES = {
    "hole": "Missing: asked for at the source by itself, again and again. If it stays, kith ops outbox resend "
    "--service … --subject …, or kith ops rebuild.",
    "lacking": "A fact is lacking: see whether the subject that it is about is parked, unsent or in a hole, and settle that.",
    "tail": "Never came: kith ops outbox resend --service … --subject …; if they are many, kith ops rebuild.",
    "behind": "Never came: messages still lie in the queue, so the consumer is away or slow. Bring it back first.",
    "diverged": "Restored: people have acted on what the source no longer knows. Have it handed in again; "
    "kith ops rebuild measure --empty counts anew; kith ops settle takes off the list what was dealt with.",
}


def _show(found: list[Gaps], now: datetime) -> None:
    if not any(found):
        say("no gaps")
        return
    for one in found:
        if one:
            _show_consumer(one, now)
    kinds = {kind for one in found for kind in _kinds(one)}
    for kind, remedy in REMEDIES.items():
        if kind in kinds:
            say(remedy)


def _kinds(found: Gaps) -> Iterator[str]:
    if found.holes:
        yield "hole"
    if found.lacking:
        yield "lacking"
    if found.tails:
        yield "behind" if found.on_the_broker else "tail"
    if found.diverged:
        yield "diverged"


def _show_consumer(found: Gaps, now: datetime) -> None:
    table = showing.table(f"Gaps of {found.consumer}", "of whom", "what", "since", whole=("of whom",))
    for row in (*_holes(found, now), *_lacking(found, now), *_tail_rows(found, now), *_differences(found, now)):
        table.add_row(*row)
    say(table)
    if found.tails and found.on_the_broker:
        say(f"Messages that lie in the queue of {found.consumer}: {found.on_the_broker}.")


def _holes(found: Gaps, now: datetime) -> Iterator[tuple[str, str, str]]:
    for hole in found.holes:
        asked = f"asked {showing.since(hole.asked_at, now)} ago" if hole.asked_at else ""
        since = showing.stacked(showing.since(hole.since, now), asked)
        yield _whom(hole.source, hole.subject), f"{_span(hole.epoch, hole.first, hole.last)} missing", since


def _lacking(found: Gaps, now: datetime) -> Iterator[tuple[str, str, str]]:
    for lack in found.lacking:
        what = f"{lack.type} {showing.place(lack.epoch, lack.sequence)} lacks a fact"
        whom = showing.stacked(_whom(lack.source, lack.subject), "about", str(lack.waits_for))
        yield whom, what, showing.since(lack.since, now)


def _tail_rows(found: Gaps, now: datetime) -> Iterator[tuple[str, str, str]]:
    for tails in found.tails:
        for tail in tails.first:
            yield _whom(tail.source, tail.subject), f"{_end(tail)} never came", showing.since(tail.since, now)
        if tails.subjects > len(tails.first):
            yield (
                showing.stacked(tails.source, f"{tails.subjects - len(tails.first)} more subjects"),
                "never came",
                "",
            )


def _differences(found: Gaps, now: datetime) -> Iterator[tuple[str, str, str]]:
    for one in found.diverged:
        applied = showing.place(one.applied_epoch, one.applied_sequence)
        kept = showing.place(one.kept_epoch, one.kept_sequence) if one.kept_sequence else "nothing"
        what = f"restored: {applied} was applied, the source knows {kept}"
        yield _whom(one.source, one.subject), what, showing.since(one.at, now)


def _whom(source: str, subject: str) -> str:
    return showing.stacked(source.rsplit("/", 1)[-1], subject)


def _span(epoch: int, first: int, last: int) -> str:
    return showing.place(epoch, last) if first == last else f"#{first} to {showing.place(epoch, last)}"


def _end(tail: Tail) -> str:
    """Where the epoch changed in between, nobody knows here how many there were of the one before."""
    if tail.after_epoch in (0, tail.head_epoch):
        return _span(tail.head_epoch, tail.after_sequence + 1, tail.head)
    last = showing.place(tail.head_epoch, tail.head)
    return f"what follows {showing.place(tail.after_epoch, tail.after_sequence)} up to {last}"
