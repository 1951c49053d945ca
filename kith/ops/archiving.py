"""Take old months out of the outboxes into the archive, when every listener has all that lies in them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

import sqlalchemy as sa
import typer

from chassis import audit, outbox_partitions
from chassis.addresses import owner_url
from chassis.archive import Archive, Summary
from chassis.clock import Clock
from chassis.outbox_partitions import Month, MonthTouched
from chassis.sealing import SealBroken
from chassis.settings import Settings
from contracts.actor import Actor
from kith.installed import here
from kith.ops import reaching, showing
from kith.ops.lacking import Lack, lacking
from kith.ops.showing import Json, say
from kith.refusing import BadInput

LOCK_KEY = 0x6B69_7468_6172_6368
LOCK_NOT_AVAILABLE = "55P03"
ARCHIVED = "ops.archive_month"
"""How it is called on the record."""

State = Literal["archived", "due", "refused"]


@dataclass(frozen=True)
class Outcome:
    """What came of one month. `due`: it would be archived now."""

    service: str
    month: str
    state: State
    events: int = 0
    unsent: int = 0
    lacks: Mapping[str, Lack] = field(default_factory=dict)
    """Listener -> what it lacks."""

    why: str = ""
    file: str = ""


def archive(
    settings: Settings, services: Sequence[str], by: Actor, now: datetime, *, dry_run: bool = False
) -> list[Outcome]:
    """Take out each month that ended longer ago than the setting says, and make the partitions of the months to come.

    A month that somebody still needs from the outbox is refused. BadInput if another archiving runs. May be ended at
    any moment: a month is dropped only when its whole file was read back and is equal.
    """
    return [outcome for service in services for outcome in _service(settings, service, by, now, dry_run)]


def _service(settings: Settings, service: str, by: Actor, now: datetime, dry_run: bool) -> Iterator[Outcome]:
    with _alone(settings, service) as engine:
        with engine.begin() as connection:
            if not dry_run:
                outbox_partitions.make_ahead(connection)
            months = due(outbox_partitions.held(connection), now, settings.outbox_months)
        for month in months:
            refused = _refusal(settings, engine, service, month)
            if refused or dry_run:
                yield refused or Outcome(service, str(month), "due", events=_events(engine, month))
            else:
                yield _keep(Archive(settings, service), engine, service, month, by, now)


@contextmanager
def _alone(settings: Settings, service: str) -> Iterator[sa.Engine]:
    """The service's database as its owner, held against another archiving."""
    engine = sa.create_engine(owner_url(settings, service), poolclass=sa.NullPool)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(sa.text("select pg_try_advisory_lock(:key)"), {"key": LOCK_KEY}):
            raise BadInput(f"the outbox of {service} is being archived already")
        yield engine


def due(held: Sequence[Month], now: datetime, keep: int) -> list[Month]:
    """The months that ended more than `keep` months ago."""
    newest = Month.of(now).later(-keep - 1)
    return [month for month in held if month <= newest]


def _refusal(settings: Settings, engine: sa.Engine, service: str, month: Month) -> Outcome | None:
    with engine.begin() as connection:
        unsent = outbox_partitions.unsent(connection, month)
    lacks = lacking(settings, engine, service, month)
    if not unsent and not lacks:
        return None
    why = [f"{unsent} were never confirmed by the broker"] if unsent else []
    why += [f"{name} lacks {lack.behind} and keeps {lack.waiting} waiting" for name, lack in lacks.items()]
    return Outcome(service, str(month), "refused", _events(engine, month), unsent, lacks, "; ".join(why))


def _events(engine: sa.Engine, month: Month) -> int:
    with engine.connect() as connection:
        statement = sa.text(f"select count(*) from {month.table}")
        return connection.scalar(statement) or 0


def _keep(archive: Archive, engine: sa.Engine, service: str, month: Month, by: Actor, now: datetime) -> Outcome:
    """Write the month unless an earlier run has, read it back, compare, and only then drop the partition."""
    file = str(archive.path(month))
    try:
        there = _written(archive, engine, month)
        with engine.begin() as connection:
            outbox_partitions.take_out(connection, month, there.events, bytes.fromhex(there.digest), there.last_id)
            entry = audit.Entry.by(by, now, ARCHIVED, about=str(month), outcome="done", decision=None)
            audit.append(connection, [entry])
    except (_Differs, SealBroken):
        why = f"{file} was altered, sealed under another secret, or holds other events: put it elsewhere first"
        return Outcome(service, str(month), "refused", _events(engine, month), why=why)
    except MonthTouched:
        return Outcome(service, str(month), "refused", _events(engine, month), why="it was changed meanwhile")
    except sa.exc.OperationalError as error:
        if getattr(error.orig, "pgcode", None) != LOCK_NOT_AVAILABLE:
            raise
        return Outcome(
            service, str(month), "refused", _events(engine, month), why="the outbox is busy; run it again"
        )
    return Outcome(service, str(month), "archived", there.events, file=file)


class _Differs(Exception):
    """The month's file does not hold what the outbox holds."""


def _written(archive: Archive, engine: sa.Engine, month: Month) -> Summary:
    if not archive.path(month).exists():
        with engine.begin() as connection:
            archive.write(month, outbox_partitions.entries(connection, month))
    there = archive.summary(month)
    with engine.begin() as connection:
        if Summary.of(outbox_partitions.entries(connection, month)) != there:
            raise _Differs
    return there


def archive_command(
    service: Annotated[str | None, typer.Option(help="only this one")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would be done")] = False,
    as_json: Json = False,
) -> None:
    """Take months older than KITH_OUTBOX_MONTHS out of the outboxes into KITH_ARCHIVE. Status 1 if one was refused."""
    settings = here()
    by, now = reaching.operator(settings), Clock.of(settings).now()
    found = archive(settings, reaching.sources(service), by, now, dry_run=dry_run)
    if as_json:
        showing.as_json(found)
    else:
        _show(found, settings)
    raise typer.Exit(1 if any(outcome.state == "refused" for outcome in found) else 0)


def _show(found: Sequence[Outcome], settings: Settings) -> None:
    if not found:
        say(f"no outbox holds a month that ended more than {settings.outbox_months} months ago")
        return
    table = showing.table(
        "Months older than the outboxes keep", "service", "month", "events", "", right=("events",)
    )
    for outcome in found:
        told = {"archived": "archived", "due": "would be archived", "refused": f"refused: {outcome.why}"}
        table.add_row(outcome.service, outcome.month, str(outcome.events), told[outcome.state])
    say(table)
    if any(outcome.state == "archived" for outcome in found):
        say(f"The archive is {settings.archive_folder}: back it up as you do the files.")
