"""How operators' tools print: tables that fit 80 columns for a person, JSON for a machine."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from chassis.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="for a machine")]
say = Console(highlight=False, markup=False).print

STEPS = ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s"))


def age(seconds: float | None) -> str:
    """How long ago, in the two largest units: `2 h 5 min`."""
    if seconds is None:
        return "–"
    whole = max(int(seconds), 0)
    for size, unit, smaller, its_unit in STEPS:
        if whole >= size:
            rest = whole % size // smaller
            return f"{whole // size} {unit}" + (f" {rest} {its_unit}" if rest else "")
    return f"{whole} s"


def since(moment: datetime | None, now: datetime) -> str:
    """How long ago a moment was."""
    return age(None if moment is None else (now - moment) / timedelta(seconds=1))


def local(moment: datetime | None, settings: Settings) -> str:
    """A moment by the county's clock."""
    return "–" if moment is None else moment.astimezone(settings.tz).strftime("%Y-%m-%d %H:%M:%S")


def place(epoch: int, sequence: int) -> str:
    """Where in its stream: the number, and the epoch once there has been more than one."""
    return f"#{sequence}" if epoch == 1 else f"#{sequence} of epoch {epoch}"


def table(title: str, *columns: str, right: Iterable[str] = (), whole: Iterable[str] = ()) -> Table:
    """An empty table. Numbers go into the columns named `right`; ids, never broken, into those named `whole`."""
    found = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    found.leading = int(bool(whole))
    for column in columns:
        justify: Any = "right" if column in right else "left"
        found.add_column(column, justify=justify, overflow="fold", no_wrap=column in whole, vertical="top")
    return found


def stacked(*lines: str) -> str:
    """A cell of several lines: 80 columns do not hold two ids side by side."""
    return "\n".join(line for line in lines if line)


def as_json(found: Any) -> None:
    """Print dataclasses, mappings and lists of them."""
    print(json.dumps(_plain(found), ensure_ascii=False))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value
