"""`kith ops intake …`: what the front door keeps for services that are away. Ids and codes, never what was sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
import typer

from chassis.settings import Settings
from kith.installed import here
from kith.ops import reaching, showing
from kith.ops.showing import Json, say
from kith.refusing import BadInput

DATABASE = "gateway"
STATES = ("waiting", "delivered", "refused")
COUNTS = sa.text("""
    select service, state, count(*) as commands, max(attempts) as attempts,
           extract(epoch from now() - min(created_at)) as oldest_seconds
    from intake group by service, state order by service, state
""")
ROWS = """
    select id, command, service, actor_id, priority = 0 as withdrawal, state, attempts, created_at, due_at, finished_at,
           refusal ->> 'code' as refused_with
    from intake
"""
WAITING = sa.text(f"{ROWS} where state = any(:states) order by priority, number limit :limit")
ONE = sa.text(f"{ROWS} where id = :id")

intake = typer.Typer(no_args_is_help=True, help="Commands that were taken in while their service was away.")


@dataclass(frozen=True)
class Count:
    """How many commands for one service stand in one state; the oldest since when, and the most tries."""

    service: str
    state: str
    commands: int
    attempts: int
    oldest_seconds: float


@dataclass(frozen=True)
class Row:
    """One command, sealed: what it is called, by which account, and where it stands."""

    id: UUID
    command: str
    service: str
    actor_id: str
    withdrawal: bool
    state: str
    attempts: int
    created_at: datetime
    due_at: datetime
    finished_at: datetime | None
    refused_with: str | None


@intake.command("list")
def listed(
    state: Annotated[list[str] | None, typer.Option(help="only these; default: what waits")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: Json = False,
) -> None:
    """How many stand where, and those that wait: in the order of delivery, withdrawals first."""
    settings = here()
    states = [reaching.known(one, STATES) for one in state or ["waiting"]]
    found, rows = counts(settings), _rows(settings, WAITING, states=states, limit=limit)
    if as_json:
        showing.as_json({"counts": found, "commands": rows})
        return
    say(table(found) if found else "nothing was ever kept")
    if rows:
        say(_of_rows(rows, settings))
    if len(rows) == limit:
        say(f"There may be more than {limit}: --limit shows them.")


@intake.command()
def show(intake_id: UUID, as_json: Json = False) -> None:
    """One command: where it stands, never what it says."""
    settings = here()
    rows = _rows(settings, ONE, id=intake_id)
    if not rows:
        raise BadInput(f"nothing was kept under {intake_id}, or it was over long ago")
    if as_json:
        showing.as_json(rows[0])
        return
    for name, value in vars(rows[0]).items():
        told = showing.local(value, settings) if isinstance(value, datetime) else "–" if value is None else value
        say(f"{name:13} {told}")


def counts(settings: Settings) -> list[Count]:
    """How many commands stand in which state, for each service."""
    with reaching.engine(settings, DATABASE) as engine, engine.connect() as connection:
        return [
            Count(row.service, row.state, row.commands, row.attempts, round(float(row.oldest_seconds), 1))
            for row in connection.execute(COUNTS)
        ]


def table(found: Sequence[Count]) -> Any:
    """The counts for a person."""
    columns = ("commands", "oldest", "most tries")
    made = showing.table("Taken in at the front door", "service", "state", *columns, right=columns)
    for one in found:
        made.add_row(one.service, one.state, str(one.commands), showing.age(one.oldest_seconds), str(one.attempts))
    return made


def _rows(settings: Settings, statement: sa.TextClause, **asked: object) -> list[Row]:
    with reaching.engine(settings, DATABASE) as engine, engine.connect() as connection:
        return [Row(**row._mapping) for row in connection.execute(statement, asked)]


def _of_rows(rows: Sequence[Row], settings: Settings) -> Any:
    made = showing.table("Commands", "id", "taken in", "state", "tries", right=("tries",), whole=("id",))
    for row in rows:
        state = f"{row.state}: {row.refused_with}" if row.refused_with else row.state
        made.add_row(
            showing.stacked(str(row.id), row.command), showing.local(row.created_at, settings), state, str(row.attempts)
        )  # fmt: skip
    return made
