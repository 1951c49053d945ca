"""`kith ops rules …`: the examples inside the rules, the modes that they are in, and what a rule would have done."""

from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated

import typer

from chassis.clock import Clock
from contracts.area import AreaScope
from gateway.admission import selftest
from gateway.admission.compiled import Compiled
from gateway.admission.evaluate import RuleSet
from gateway.admission.impact import YEAR, Impact, told
from gateway.admission.loading import RulesRefused
from gateway.admission.shipped import compiled_on_trial, shipped_rules
from gateway.office import trials
from gateway.office.service import OFFICE
from gateway.office.store import rules as store
from kith.installed import here
from kith.ops import reaching, showing
from kith.ops.showing import Json, say
from kith.refusing import BadInput

rules = typer.Typer(no_args_is_help=True, help="The monitoring-and-evaluation rules.")


@rules.command("test")
def test_rules() -> None:
    """Run the tests inside every rule file. Status 1 if one fails."""
    found = _shipped()
    broken = [*selftest.run(found), *selftest.unsaid(found)]
    for item in broken:
        print(f"{item.rule}: {item.test}: {item.said}")
    print(f"{len(found.sources)} rules, {len(broken)} broken tests")
    raise typer.Exit(1 if broken else 0)


@rules.command("list")
def list_rules(as_json: Json = False) -> None:
    """The rules, the modes that they are in here, and those that their files wish for."""
    found, settings = _shipped(), here()
    with reaching.engine(settings, OFFICE.name) as engine, engine.connect() as connection:
        modes = store.modes(connection)
    rows = [
        {
            "rule": one.rule.id,
            "mode": modes.get((one.rule.id, one.rule.fingerprint)),
            "wished": one.rule.mode,
            "what": one.rule.title.en,
        }
        for one in found.sources
    ]
    if as_json:
        showing.as_json(rows)
        return
    table = showing.table("Rules", "rule", "mode", "wished", "what", whole=("rule",))
    for row in rows:
        table.add_row(str(row["rule"]), row["mode"] or "–", row["wished"], row["what"])
    say(table)


@rules.command()
def preview(
    file: Annotated[str, typer.Argument(help="a rule file, or the id of a rule that is shipped")],
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="default: a year ago")] = None,
    as_json: Json = False,
) -> None:
    """What a rule would have refused, were it enforced, by the verdicts that were kept. Nothing is changed."""
    settings, clock = here(), Clock.of(here())
    first = clock.now() - YEAR if since is None else _midnight(since.date(), clock)
    with reaching.engine(settings, OFFICE.name) as engine, engine.connect() as connection:
        trial = trials.tried(connection, _on_trial(file), first, within=AreaScope(settings.county))
    if as_json:
        showing.as_json({"since": trial.since, "items": [told(impact) for impact in trial.impacts]})
        return
    for impact in trial.impacts:
        _show(impact)


def _show(impact: Impact) -> None:
    would = (
        "would have been refused" if impact.holds_back else "would have been warned about: care is never held back"
    )
    say(f"{impact.rule} ({impact.resource} / {impact.action}): {impact.seen} verdicts, {impact.failed} {would}")
    say(
        f"  {impact.passed} passed, {impact.error} could not be judged, {impact.unknown} unknown: a field was not kept;"
        f" {impact.already} were refused anyway"
    )
    for what, counted in (
        ("by command", impact.by_command),
        ("by area", impact.by_area),
        ("by month", impact.by_month),
    ):
        if counted:
            say(f"  {what}: " + ", ".join(f"{name} {count}" for name, count in sorted(counted.items())))
    for one in impact.first:
        say(f"  {one}")


def _on_trial(file: str) -> list[Compiled]:
    if known := _shipped().rule(file):
        return [known]
    try:
        return compiled_on_trial(Path(file).read_text(encoding="utf-8"))
    except OSError:
        raise BadInput(f"{file} is no rule that is shipped and no file that can be read") from None
    except UnicodeDecodeError:
        raise BadInput(f"{file} is no text in UTF-8") from None
    except RulesRefused as refused:
        raise BadInput(str(refused)) from None


def _shipped() -> RuleSet:
    try:
        return shipped_rules()
    except RulesRefused as refused:
        raise BadInput(str(refused)) from refused


def _midnight(day: date, clock: Clock) -> datetime:
    return datetime.combine(day, time.min, clock.zone)
