"""The story as a person reads it, and as `build/story.json` holds it."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from kith.story.plot import Told

say = Console(highlight=False).print


def opening(mode: str, today: date, *files: Path) -> None:
    """What is about to be told."""
    say(f"[bold]The way of the families[/bold]  ({mode}, the county's day is {today})")
    say(f"from {', '.join(file.name for file in files)}\n")


def show(told: Told) -> None:
    """The whole story, in sentences and small tables."""
    survey, helpers, matches = told.survey, told.helpers, told.matches
    say(f"[bold]1  Areas.[/bold] {told.areas['townships']} townships and {told.areas['villages']} villages.")
    say(
        f"[bold]2  Survey.[/bold] {survey['rows']} rows were read. "
        f"{survey['households_stored']} families with {survey['persons_stored']} people are registered; "
        f"{survey['households_invalid']} wait for {len(survey['problems'])} corrections, such as:"
    )
    _problems(survey["problems"][:4])
    say(
        f"[bold]3  Helpers.[/bold] {helpers['valid']} helpers with {helpers['slots']} places; "
        f"{len(helpers['problems'])} rows wait for correction."
    )
    say(
        f"[bold]4  Pairs.[/bold] {matches['proposed']} proposed at the least cost there is ({matches['cost']:,}); "
        f"{matches['unserved']} consenting families have no helper yet. "
        f"{told.declined} said no and the next best was asked; {matches['active']} pairs stand."
    )
    say(f"[bold]5  Visits.[/bold] {told.visits} reported; the one that was sent twice counts once.")
    say(
        f"[bold]6  A helper left.[/bold] {told.replacements} of their families have somebody new, whom both sides chose."
    )
    say(
        f"[bold]7  A family withdrew its consent.[/bold] {told.withdrawn} pair ended at once; nothing else changed for it."
    )
    say("[bold]8  Refused.[/bold] " + "; ".join(f"{item['rule']} → {item['status']}" for item in told.refusals))
    _indicators(told.indicators)
    _events(told)
    _times(told)


def _problems(problems: list[dict[str, Any]]) -> None:
    table = Table("sheet", "row", "column", "problem", "what to do", box=None, padding=(0, 2))
    for problem in problems:
        table.add_row(problem["sheet"], str(problem["row"]), problem["column"], problem["code"], problem["fix_en"])
    say(table)


def _indicators(indicators: dict[str, dict[str, int | None]]) -> None:
    table = Table("indicator", "kept", "of", "share", title="What the gateway measured", title_justify="left")
    for code, value in indicators.items():
        num, den = value["num"], value["den"]
        share = f"{100 * (num or 0) / den:.1f} %" if den else "n/a"
        table.add_row(code, str(num), "–" if den is None else str(den), share)
    say(table)


def _events(told: Told) -> None:
    if told.events:
        say(
            f"[bold]Events.[/bold] {told.events.recorded} became true, {told.events.applied} of "
            f"{told.events.expected} deliveries were applied, {told.events.parked} parked. "
            f"Recomputed from nothing: {len(told.mismatches)} cells differ."
        )


def _times(told: Told) -> None:
    parts = ", ".join(f"{name} {seconds:.1f}" for name, seconds in told.steps)
    say(f"[bold]{told.seconds:.1f} s[/bold] in all ({parts})")


def figures(told: Told, mode: str, today: date) -> dict[str, Any]:
    """What `build/story.json` holds."""
    survey, helpers, events = told.survey, told.helpers, told.events
    place = ("sheet", "row", "column", "code")
    return {
        "mode": mode,
        "today": today.isoformat(),
        "areas": told.areas,
        "import": {
            "rows": survey["rows"],
            "persons": survey["persons_stored"],
            "households": survey["households_stored"],
            "problems": [{name: problem[name] for name in place} for problem in survey["problems"]],
        },
        "helpers": {
            "valid": helpers["valid"],
            "slots": helpers["slots"],
            "problems": [{name: problem[name] for name in place} for problem in helpers["problems"]],
        },
        "matches": {name: told.matches[name] for name in ("proposed", "active", "unserved", "cost")},
        "replacements": told.replacements,
        "visits": told.visits,
        "refusals": told.refusals,
        "indicators": told.indicators,
        "events": {
            "recorded": events.recorded if events else 0,
            "expected": events.expected if events else 0,
            "applied": events.applied if events else 0,
            "parked": events.parked if events else 0,
        },
        "recompute_mismatches": len(told.mismatches),
        "seconds": told.seconds,
    }


def write(told: Told, mode: str, today: date, out: Path) -> None:
    """Write the figures for others to read."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(figures(told, mode, today), ensure_ascii=False, indent=1) + "\n")
    say(f"figures: {out}")


def judge(told: Told) -> int:
    """1 if an event was lost or parked, or a figure differs from its recomputation."""
    events = told.events
    whole = events is not None and events.applied == events.expected and not events.parked
    return 0 if whole and not told.mismatches else 1
