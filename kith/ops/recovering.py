"""`kith ops rebuild` and `kith ops restored`: after a loss, what is missing comes from the logs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from kith.installed import here
from kith.ops.rebuilding import Progress as Told
from kith.ops.rebuilding import Rebuilt

Json = Annotated[bool, typer.Option("--json", help="for a machine")]


def rebuild(
    consumer: Annotated[str, typer.Argument(help="a service, or measure")],
    empty: Annotated[bool, typer.Option(help="first forget all that it knows (measure only)")] = False,
    as_json: Json = False,
) -> None:
    """Bring a listener up to date from its sources' logs, while traffic goes on. Status 1 if something still lacks."""
    from kith.ops import rebuilding

    with _shown(consumer, as_json) as told:
        done = rebuilding.rebuild(here(), consumer, empty=empty, progress=told)
    print(json.dumps(asdict(done)) if as_json else _said(done))
    raise typer.Exit(1 if done.waiting else 0)


def restored(
    name: Annotated[str, typer.Argument(help="whose database came back from a backup")],
    nothing_lost: Annotated[
        bool, typer.Option("--nothing-lost", help="the same data in a new place, nothing was said since the backup")
    ] = False,
    as_json: Json = False,
) -> None:
    """Let a restored database go on: a new epoch, so that what was lost with the old one is told apart from what comes.

    Stop that service and the relay before; all others may run.
    """
    from kith.ops import restoring

    with _shown(name, as_json) as told:
        done = restoring.restored(here(), name, nothing_lost=nothing_lost, progress=told)
    if as_json:
        print(json.dumps(asdict(done)))
        return
    print(
        f"{name} goes on in epoch {done.epoch}: {done.streams} streams begin anew, {done.unknown} of them unknown to it"
    )
    for consumer, lost in done.lost.items():
        print(f"  {consumer} has applied {lost} events that the backup does not hold")
    if done.caught_up:
        print(_said(done.caught_up))
    if sum(done.lost.values()):
        print(
            "start it again; then `kith ops gaps` names the differences, and `kith ops rebuild measure --empty` counts anew"
        )


def _said(done: Rebuilt) -> str:
    left = f"; {done.waiting} still lack something: see `kith ops gaps`" if done.waiting else ""
    return f"{done.consumer}: {done.read} events read, {done.applied} applied in {done.seconds:.1f} s{left}"


@contextmanager
def _shown(name: str, as_json: bool) -> Iterator[Told]:
    """A bar for a person; nothing for a machine."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=as_json) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
