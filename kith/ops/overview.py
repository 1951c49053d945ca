"""`kith ops status`: one look at everything, for a person or a machine."""

from dataclasses import asdict
from typing import Any

from rich.table import Table

from chassis.settings import Settings
from kith.ops import dead, intake, showing, two_people
from kith.ops.showing import say
from kith.ops.status import ConsumerState, SourceState, Status, Watch


def tell(settings: Settings, *, as_json: bool) -> None:
    """Print where every event and job stands, and how many dead letters there are."""
    watch = Watch(settings)
    try:
        found = watch.status()
    finally:
        watch.close()
    letters = dead.counted(settings) if settings.mode == "broker" else {}
    people = two_people.counted(settings)
    kept = intake.counts(settings)
    if as_json:
        showing.as_json({**_plain(found, settings, letters), "two_people": asdict(people), "intake": kept})
        return
    say(_said(found.sources))
    say(_heard(found.consumers, settings, letters))
    if kept:
        say(intake.table(kept))
    say(
        f"applied {found.applied} of {found.expected}; {found.skipped} skipped; {found.parked} parked; "
        f"{found.open_jobs} jobs open"
    )
    say(
        f"{people.approvals_waiting} commands wait for a second person, {people.approvals_on_their_way} agreed on are on "
        f"their way; {people.emergencies_open} emergencies open, {people.emergencies_overdue} not reviewed in time"
    )
    if letters is None:
        say("The broker is away: dead letters cannot be counted.")


def _plain(found: Status, settings: Settings, letters: dict[str, int] | None) -> dict[str, Any]:
    broker = "none" if settings.mode != "broker" else "away" if letters is None else "answers"
    sums = {"expected": found.expected, "applied": found.applied, "skipped": found.skipped, "parked": found.parked}
    return {**asdict(found), **sums, "settled": found.settled, "broker": broker, "dead_letters": letters or {}}


def _said(sources: tuple[SourceState, ...]) -> Table:
    columns = ("recorded", "unsent", "oldest unsent", "listeners", "epoch")
    table = showing.table("Events said", "source", *columns, right=columns)
    for source in sources:
        oldest = showing.age(source.oldest_unsent_seconds)
        table.add_row(
            source.name, str(source.recorded), str(source.unsent), oldest, str(source.queues), str(source.epoch)
        )
    return table


def _heard(consumers: tuple[ConsumerState, ...], settings: Settings, letters: dict[str, int] | None) -> Table:
    columns = ("applied", "waiting", "oldest", "parked", "skipped", "gaps", "dead")
    table = showing.table("Events heard", "consumer", *columns, right=columns)
    for consumer in consumers:
        waiting = sum(n for state, n in consumer.waiting.items() if state != "parked")
        dead_letters = "–" if settings.mode != "broker" else "?" if letters is None else letters[consumer.name]
        numbers = (
            consumer.applied,
            waiting,
            showing.age(consumer.oldest_waiting_seconds),
            consumer.waiting.get("parked", 0),
            consumer.skipped,
            consumer.gaps,
            dead_letters,
        )
        table.add_row(consumer.name, *map(str, numbers))
    return table
