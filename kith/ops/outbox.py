"""`kith ops outbox …`: what a service has said, and saying it again."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from chassis.clock import Clock
from chassis.settings import Settings
from kith.installed import here
from kith.ops import outbox_rows, reaching, showing
from kith.ops.archiving import archive_command
from kith.ops.outbox_rows import Row, Which
from kith.ops.showing import Json, say
from kith.refusing import BadInput

outbox = typer.Typer(no_args_is_help=True, help="What services have said.")
outbox.command("archive")(archive_command)
Service = Annotated[str | None, typer.Option(help="only this one")]
Subject = Annotated[str | None, typer.Option(help="only events about this subject")]
Moment = Annotated[str | None, typer.Option(help="such as 2026-04-15, or 2026-04-15T08:30 by the county's clock")]


@outbox.command("list")
def listed(
    service: Service = None,
    unsent: Annotated[bool, typer.Option("--unsent", help="only what the broker has not confirmed")] = False,
    subject: Subject = None,
    since: Moment = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: Json = False,
) -> None:
    """Events as they were recorded, the newest first."""
    settings = here()
    which = Which(subject=subject, since=moment(since, settings), unsent=unsent)
    found = [row for name in reaching.sources(service) for row in outbox_rows.newest(settings, name, which, limit)]
    found = sorted(found, key=lambda row: row.created_at, reverse=True)[:limit]
    if as_json:
        showing.as_json([asdict(row) for row in found])
        return
    _show(found, settings)
    if len(found) == limit:
        say(f"There may be more than {limit}: --limit shows them.")


@outbox.command()
def resend(
    service: Annotated[str, typer.Option(help="whose events")],
    subject: Subject = None,
    event: Annotated[UUID | None, typer.Option(help="only this one")] = None,
    since: Moment = None,
    until: Moment = None,
    as_json: Json = False,
) -> None:
    """Have events sent anew. Consumers that know them drop them."""
    settings = here()
    [name] = reaching.sources(service)
    which = Which(subject, event, moment(since, settings), moment(until, settings))
    _one_choice(which)
    by, at = reaching.operator(settings), Clock.of(settings).now()
    count = outbox_rows.resend(settings, name, which, by, at)
    if as_json:
        showing.as_json({"service": name, "events": count})
        return
    say(f"{name}: {count} to be sent anew")
    if not count:
        say("Months that were archived are not sent anew: kith ops rebuild reads them.")


def _one_choice(which: Which) -> None:
    by_time = which.since is not None or which.until is not None
    if sum((which.subject is not None, which.event is not None, by_time)) != 1:
        raise BadInput("say which: --subject, or --event, or --since and --until")
    if by_time and (which.since is None or which.until is None):
        raise BadInput("a time has two ends: --since and --until")
    if which.since and which.until and which.since >= which.until:
        raise BadInput("--since is not before --until")


def moment(text: str | None, settings: Settings) -> datetime | None:
    """A moment as a person writes it; without a zone it is the county's."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text!r} is no moment such as 2026-04-15T08:30") from None
    return found if found.tzinfo else found.replace(tzinfo=settings.tz)


def _show(found: list[Row], settings: Settings) -> None:
    if not found:
        say("no such events")
        return
    table = showing.table("Recorded events", "event", "recorded", "sent", "place", whole=("event",))
    for row in found:
        table.add_row(
            showing.stacked(row.event_id, row.subject, row.type),
            showing.local(row.created_at, settings),
            "yes" if row.sent else "not yet",
            showing.place(row.epoch, row.sequence),
        )
    say(table)
    say("Of each: the event's id, its subject, its type.")
