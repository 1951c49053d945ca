"""`kith ops parked …`: events that a consumer could not apply, and what an operator may do about them."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
import typer

from chassis import inbox_upkeep as upkeep
from chassis.clock import Clock
from chassis.inbox_upkeep import HELD, BeginsAnew, Held, NotHeld, NotNext, Skipped
from chassis.service import Service
from chassis.settings import Settings
from kith.installed import here
from kith.ops import history, reaching, showing
from kith.ops.showing import Json, say
from kith.refusing import BadInput

T = TypeVar("T")
AT_ONCE = 500
parked = typer.Typer(no_args_is_help=True, help="Events that a consumer could not apply.")
Consumer = Annotated[str | None, typer.Option(help="only this one")]
EventId = Annotated[UUID, typer.Argument(help="the event's id, as `parked list` shows it", show_default=False)]


@dataclass(frozen=True)
class Parked:
    """A held event, at its consumer."""

    consumer: str
    event: Held


@parked.command("list")
def listed(
    consumer: Consumer = None,
    retrying: Annotated[bool, typer.Option(help="also those that are still being tried")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
    as_json: Json = False,
) -> None:
    """What is parked, the longest wait first."""
    settings = here()
    states = HELD if retrying else ("parked",)
    found = [
        Parked(each.name, event)
        for each in reaching.consumers(consumer)
        for event in reaching.in_transaction(
            settings, each, lambda connection: upkeep.held(connection, states, limit)
        )
    ]
    found = sorted(found, key=lambda one: one.event.since)
    if as_json:
        showing.as_json([_row(one) for one in found[:limit]])
        return
    _show_list(found[:limit], Clock.of(settings).now())
    if len(found) >= limit:
        say(f"There may be more than {limit}: --limit shows them.")


@parked.command()
def show(event: EventId, consumer: Consumer = None, as_json: Json = False) -> None:
    """One event: its envelope, why it waits, and what was done about it."""
    settings = here()
    found = [
        history.of_event(settings, each, event, kept)
        for each in reaching.consumers(consumer)
        if (kept := reaching.in_transaction(settings, each, lambda connection: _kept(connection, event)))
    ]
    if not found:
        raise BadInput(
            f"no consumer keeps an event {event}, nor was it skipped: `kith ops parked list` shows what is"
        )
    if as_json:
        showing.as_json(found)
        return
    for one in found:
        history.show(one, settings)


def _kept(connection: sa.Connection, event: UUID) -> Held | Skipped | None:
    return upkeep.find(connection, event) or upkeep.tombstone(connection, event)


@parked.command()
def retry(
    event: Annotated[UUID | None, typer.Argument(help="the event's id", show_default=False)] = None,
    everything: Annotated[bool, typer.Option("--all", help="all that are parked")] = False,
    consumer: Consumer = None,
    as_json: Json = False,
) -> None:
    """Try parked events again, at once. One that fails again is parked again."""
    if (event is None) != everything:
        raise BadInput("name one event, or --all")
    settings = here()
    due = {each.name: _retry(settings, each, event) for each in reaching.consumers(consumer)}
    if event and not any(due.values()):
        raise BadInput(f"no consumer holds an event {event}: `kith ops parked list` shows which are")
    if as_json:
        showing.as_json({name: ids for name, ids in due.items() if ids})
        return
    for name, ids in due.items():
        if ids:
            say(f"{name}: {len(ids)} due now; kith ops parked list shows what failed again")
    if not any(due.values()):
        say("nothing is parked")


def _retry(settings: Settings, consumer: Service, event: UUID | None) -> list[str]:
    """In portions, so that no transaction holds very many subjects."""
    with_states = [event] if event else None
    events = reaching.in_transaction(settings, consumer, lambda connection: _to_retry(connection, with_states))
    due: list[str] = []
    for portion in _portions(events):
        due += reaching.in_transaction(settings, consumer, _retrying(portion, settings))
    return due


def _to_retry(connection: sa.Connection, ids: list[UUID] | None) -> list[Held]:
    if ids is None:
        return upkeep.held(connection, ["parked"], limit=1_000_000)
    found = [upkeep.find(connection, each) for each in ids]
    return [each for each in found if each and each.state in HELD]


def _retrying(portion: list[Held], settings: Settings) -> Callable[[sa.Connection], list[str]]:
    by, at = reaching.operator(settings), Clock.of(settings).now()
    return lambda connection: upkeep.retry(connection, portion, by, at)


def _portions(events: list[Held]) -> Iterator[list[Held]]:
    for start in range(0, len(events), AT_ONCE):
        yield events[start : start + AT_ONCE]


@parked.command()
def skip(
    event: EventId,
    reason: Annotated[str, typer.Option(help="why it may be given up; goes on record, so no names")],
    consumer: Consumer = None,
    as_json: Json = False,
) -> None:
    """Give one event up for good: its subject goes on without it. Leaves a tombstone."""
    if not reason.strip():
        raise BadInput("say why with --reason: it stays on record")
    settings = here()
    holding = [
        each
        for each in reaching.consumers(consumer)
        if reaching.in_transaction(settings, each, lambda connection: _to_retry(connection, [event]))
    ]
    if len(holding) > 1:
        raise BadInput(f"{', '.join(each.name for each in holding)} hold it: name one with --consumer")
    if not holding:
        raise BadInput(f"no consumer holds an event {event}: `kith ops parked list` shows which are")
    grave = _skip(settings, holding[0], event, reason.strip())
    if as_json:
        showing.as_json({"consumer": holding[0].name, **asdict(grave)})
        return
    say(f"{holding[0].name} goes on without {grave.type} {showing.place(grave.epoch, grave.sequence)}")
    say(f"of {grave.subject}; on record as {grave.actor_id}")


def _skip(settings: Settings, consumer: Service, event: UUID, reason: str) -> Skipped:
    by, at = reaching.operator(settings), Clock.of(settings).now()
    try:
        return reaching.in_transaction(
            settings, consumer, lambda connection: upkeep.skip(connection, event, reason, by, at)
        )
    except NotHeld:
        raise BadInput(f"{consumer.name} has applied it meanwhile: there is nothing to skip") from None
    except NotNext:
        raise BadInput(f"{event} is not the next of its subject: settle what comes before it first") from None
    except BeginsAnew:
        raise BadInput(
            f"{event} tells where a restored source begins anew: retry it once the source answers"
        ) from None


def _row(one: Parked) -> dict[str, Any]:
    event = {name: value for name, value in asdict(one.event).items() if name != "body"}
    return {"consumer": one.consumer, **event}


def _show_list(found: list[Parked], now: datetime) -> None:
    if not found:
        say("nothing is parked")
        return
    table = showing.table("Parked events", "event", "consumer", "waits", "place", whole=("event",))
    for one in found:
        event = one.event
        table.add_row(
            showing.stacked(event.event_id, event.subject, event.type),
            showing.stacked(one.consumer, _why(event)),
            showing.stacked(
                showing.since(event.since, now),
                f"{event.attempts} tries",
                "" if event.state == "parked" else "retrying",
            ),
            showing.stacked(showing.place(event.epoch, event.sequence), f"{event.behind} behind"),
        )
    say(table)
    say("Of each: the event's id, its subject, its type.")
    say("More: kith ops parked show <event id>. Then: parked retry, or parked skip.")


def _why(event: Held) -> str:
    return "lacks a fact" if event.state == "not_yet" else event.error or "–"
