"""`kith ops audit …`: note the roots of the record outside the databases, and hold the record against them."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer

from chassis import audit
from chassis.audit_roots import NotARoot, Root, Roots, newest
from chassis.clock import Clock
from chassis.settings import Settings
from kith.installed import here
from kith.ops import reaching, showing
from kith.ops.showing import Json, say
from kith.refusing import BadInput
from kith.registry import MIGRATIONS

record = typer.Typer(no_args_is_help=True, help="The record of who read and changed what.")


@dataclass(frozen=True)
class Held:
    """What verification says of one database: how many rows hold, against which noted number, and the first break."""

    database: str
    rows: int
    noted: int | None
    broken: audit.Broken | None


@dataclass(frozen=True)
class Noted:
    """The root that was noted; not if the record no longer holds what was noted before."""

    root: Root
    conflict: int | None = None
    """The number noted before, whose row is gone or another."""


@record.command()
def verify(
    root: Annotated[
        str, typer.Option(help="a file of noted roots, or - to type them in from paper; default: the newest notes")
    ] = "",
    as_json: Json = False,
) -> None:
    """Walk every database's chain. Status 1 if a row was edited, deleted, reordered or cut off."""
    settings = here()
    roots = noted_roots(settings, root)
    found = [held(settings, database, roots.get(database)) for database in MIGRATIONS]
    if as_json:
        showing.as_json(found)
    else:
        _show(found)
    raise typer.Exit(1 if any(one.broken for one in found) else 0)


@record.command()
def note(as_json: Json = False) -> None:
    """Append every database's root to the file of roots, and print it for paper. Run it by a timer.

    Status 1, and nothing noted of that database, if its record no longer holds what was noted before.
    """
    settings = here()
    found = noted(settings)
    if as_json:
        showing.as_json([{"noted": str(one.root), "conflict": one.conflict} for one in found])
    else:
        _print(found, Roots(settings).file)
    raise typer.Exit(1 if any(one.conflict is not None for one in found) else 0)


def noted_roots(settings: Settings, told: str) -> Mapping[str, Root]:
    """Database -> the root to hold it against. BadInput if what was told says none."""
    try:
        if not told:
            return Roots(settings).newest()
        return newest(sys.stdin if told == "-" else Path(told).read_text().splitlines())
    except NotARoot as wrong:
        raise BadInput(f"no time, database, number and hash: {wrong}") from None
    except OSError as error:
        raise BadInput(f"{told}: {error.strerror}") from None


def held(settings: Settings, database: str, root: Root | None) -> Held:
    """Walk one database's chain as it stands at one moment, while others may write."""
    with reaching.engine(settings, database) as engine:
        seen = engine.execution_options(isolation_level="REPEATABLE READ")
        with seen.connect() as connection:
            rows, broken = audit.verify(connection, root.pair if root else None)
    return Held(database, rows, root.number if root else None, broken)


def noted(settings: Settings) -> list[Noted]:
    """Note the root of every database whose record still holds what was noted before."""
    roots = Roots(settings)
    try:
        before = roots.newest()
    except NotARoot as wrong:
        raise BadInput(f"{roots.file} was altered, it says no root here: {wrong}") from None
    now = Clock.of(settings).now()
    found = []
    for database in MIGRATIONS:
        with reaching.engine(settings, database) as engine, engine.connect() as connection:
            root = Root(now, database, *audit.head(connection))
            found.append(Noted(root, _conflict(connection, before.get(database))))
    roots.append(one.root for one in found if one.conflict is None)
    return found


def _conflict(connection: sa.Connection, before: Root | None) -> int | None:
    return None if before is None or audit.holds(connection, before.pair) else before.number


def _show(found: list[Held]) -> None:
    columns = ("rows that hold", "noted root")
    table = showing.table("The record", "database", *columns, "", right=columns)
    for one in found:
        outcome = "holds" if one.broken is None else f"row {one.broken.number}: {one.broken.what}"
        table.add_row(one.database, str(one.rows), "none" if one.noted is None else str(one.noted), outcome)
    say(table)
    if any(one.noted is None for one in found):
        say("Without a noted root nobody can tell whether the newest rows were cut off: kith ops audit note")


def _print(found: list[Noted], file: Path) -> None:
    for one in found:
        if one.conflict is None:
            print(one.root)
        else:
            say(f"{one.root.database}: row {one.conflict} is not what was noted before; run kith ops audit verify")
    say(f"Noted in {file}. Keep a copy where nobody who may change the databases can change it.")
