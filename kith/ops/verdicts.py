"""`kith ops verdict …`: judge again what was judged, and say what comes out differently."""

from datetime import datetime, time
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
import typer

from chassis.clock import Clock
from contracts.area import AreaScope
from gateway.admission.replaying import Replayed, Replayer
from gateway.office import trials
from gateway.office.service import OFFICE
from gateway.office.store import verdicts
from kith.installed import here
from kith.ops import reaching, showing
from kith.ops.showing import Json, say
from kith.refusing import BadInput

verdict = typer.Typer(no_args_is_help=True, help="What the gateway judged.")


@verdict.callback()
def _group() -> None:
    """Keeps `replay` a command of its own though it is the only one."""


@verdict.command()
def replay(
    verdict_id: Annotated[UUID | None, typer.Argument(help="one verdict")] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="all from this day on")] = None,
    as_json: Json = False,
) -> None:
    """Judge again by the rules of then and the values that were kept. Status 1 if anything comes out differently."""
    if (verdict_id is None) == (since is None):
        raise BadInput("name one verdict, or --since a day")
    settings = here()
    county, clock = AreaScope(settings.county), Clock.of(settings)
    with reaching.engine(settings, OFFICE.name) as engine, engine.connect() as connection:
        if since is not None:
            first = datetime.combine(since.date(), time.min, clock.zone)
            found = trials.compared(connection, first, within=county)
        else:
            found = _one(connection, verdict_id, county, clock.now())
    if as_json:
        showing.as_json({"counted": found.counted, "others": [_plain(one) for one in found.others]})
    else:
        _show(found)
    raise typer.Exit(1 if found.counted["differs"] + found.counted["rules-altered"] else 0)


def _one(connection: sa.Connection, verdict_id: UUID | None, county: AreaScope, now: datetime) -> trials.Comparison:
    kept = None if verdict_id is None else verdicts.one(connection, verdict_id, within=county)
    if kept is None:
        raise BadInput(
            "there is no verdict of this id: it may be past its time, or one of many that were only counted"
        )
    found = trials.Comparison(now)
    found.add(Replayer(lambda version: verdicts.ruleset_of(connection, version)).replay(kept))
    return found


def _show(found: trials.Comparison) -> None:
    say(f"{found.counted.total()} verdicts judged again, {found.counted['same']} the same")
    for one in found.others:
        say(
            f"{one.verdict.id} {one.verdict.command}: {one.standing}, was {one.verdict.outcome}, now {one.outcome or '–'}"
        )
        for rule in one.rules:
            if rule.was != rule.now:
                say(f"  {rule.rule}: was {rule.was or '–'}, now {rule.now or '–'}")


def _plain(one: Replayed) -> dict[str, object]:
    return {
        "verdict_id": one.verdict.id,
        "command": one.verdict.command,
        "standing": one.standing,
        "was": one.verdict.outcome,
        "now": one.outcome,
        "rules": [rule for rule in one.rules if rule.was != rule.now],
    }
