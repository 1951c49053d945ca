"""`kith ops settle`: differences after a restore that people have dealt with leave the list of gaps."""

from typing import Annotated

import typer

from chassis import inbox_upkeep
from chassis.clock import Clock
from kith.installed import here
from kith.ops import reaching, showing
from kith.ops.showing import Json, say
from kith.refusing import BadInput


def settle(
    consumer: Annotated[str, typer.Argument(help="at which the difference is, as `gaps` names it")],
    subject: Annotated[str | None, typer.Option(help="whose difference was dealt with")] = None,
    everything: Annotated[bool, typer.Option("--all", help="all of them were")] = False,
    as_json: Json = False,
) -> None:
    """Take what a restored source no longer knew off the list, once it was handed in again or let go. On record."""
    if (subject is None) != everything:
        raise BadInput("name one --subject, or --all")
    settings = here()
    [service] = reaching.consumers(consumer)
    by, at = reaching.operator(settings), Clock.of(settings).now()
    settled = reaching.in_transaction(
        settings, service, lambda connection: inbox_upkeep.settle(connection, subject, by, at)
    )
    if subject and not settled:
        raise BadInput(f"{consumer} has no difference about {subject}: `kith ops gaps --consumer {consumer}`")
    if as_json:
        showing.as_json({"consumer": consumer, "subjects": settled})
        return
    say(f"{consumer}: {len(settled)} settled")
