"""`kith ops dead …`: messages that were no event to their consumer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer

from chassis import audit
from chassis.clock import Clock
from chassis.dead_letters import BrokerAway, BrokerRefused, DeadLetter, DeadLetters, NoQueue, NoRight, Requeued
from chassis.settings import Settings
from kith.installed import here
from kith.ops import reaching, showing
from kith.ops.showing import Json, say
from kith.refusing import BadInput

REQUEUED = "ops.requeue_dead_letters"
"""How it is called on the record."""

dead = typer.Typer(no_args_is_help=True, help="Messages that were no event to their consumer.")
Consumer = Annotated[str | None, typer.Option(help="only this one")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="of each consumer")]


@dead.command("list")
def listed(consumer: Consumer = None, limit: Limit = 100, as_json: Json = False) -> None:
    """What lies in the dead-letter queues. Nothing is taken out."""
    settings = here()
    found: list[DeadLetter] = []
    with _broker(settings) as broker:
        for each in reaching.consumers(consumer):
            with _in_words(each.name, named=consumer is not None):
                found += broker.look(each.name, limit)
    if as_json:
        showing.as_json([asdict(letter) for letter in found])
        return
    _show(found, settings)


@dead.command()
def requeue(
    consumer: Consumer = None,
    everything: Annotated[
        bool, typer.Option("--all", help="also what cannot be decoded, which will be dead again")
    ] = False,
    limit: Limit = 1000,
    as_json: Json = False,
) -> None:
    """Send dead letters that can be decoded now to their inbox again."""
    settings = here()
    done: dict[str, Requeued] = {}
    with _broker(settings) as broker:
        for each in reaching.consumers(consumer):
            with _in_words(each.name, named=consumer is not None):
                done[each.name] = broker.requeue(each.name, limit, undecodable=everything)
    for name, moved in done.items():
        if moved.moved:
            _record(settings, name, moved)
    if as_json:
        showing.as_json(done)
        return
    for name, moved in done.items():
        if moved.moved or moved.left:
            say(f"{name}: {moved.moved} sent to the inbox again, {moved.left} left")
    if not any(moved.moved or moved.left for moved in done.values()):
        say("no dead letters")


def counted(settings: Settings) -> dict[str, int] | None:
    """Dead letters of each consumer; None where the broker does not answer. For `kith ops status`."""
    found = {}
    try:
        with DeadLetters(settings) as broker:
            for each in reaching.consumers(None):
                try:
                    found[each.name] = broker.count(each.name)
                except NoQueue:
                    found[each.name] = 0
    except BrokerAway:
        return None
    return found


@contextmanager
def _broker(settings: Settings) -> Iterator[DeadLetters]:
    if settings.mode != "broker":
        raise BadInput("this installation runs in one process, without a broker: it has no dead letters")
    try:
        with DeadLetters(settings) as broker:
            yield broker
    except BrokerAway as away:
        raise BadInput(f"RabbitMQ does not let us in ({away})") from None


@contextmanager
def _in_words(consumer: str, *, named: bool) -> Iterator[None]:
    """A consumer that was not named and has no queue yet is passed over."""
    try:
        yield
    except NoQueue:
        if named:
            raise BadInput(f"{consumer} has no queue on this broker: it never ran there") from None
    except NoRight:
        raise BadInput(
            f"the broker lets only {consumer} at its dead letters: run this inside its process, "
            f"`docker compose exec {consumer} kith ops dead … --consumer {consumer}`"
        ) from None
    except BrokerRefused as refused:
        raise BadInput(
            f"the broker did not take one back ({refused}); it and the rest are dead letters still"
        ) from None


def _record(settings: Settings, consumer: str, done: Requeued) -> None:
    [service] = reaching.consumers(consumer)
    by, at = reaching.operator(settings), Clock.of(settings).now()
    entry = audit.Entry.by(
        by, at, REQUEUED, about=consumer, outcome=f"{done.moved} moved, {done.left} left", decision=None
    )
    with reaching.engine(settings, service.database_name) as engine, engine.begin() as connection:
        audit.append(connection, [entry])


def _show(found: list[DeadLetter], settings: Settings) -> None:
    if not found:
        say("no dead letters")
        return
    table = showing.table(
        "Dead letters", "message", "consumer", "died", "bytes", right=("bytes",), whole=("message",)
    )
    for letter in found:
        table.add_row(
            showing.stacked(letter.event_id or f"sha256 {letter.sha256[:28]}…", letter.routing_key),
            showing.stacked(letter.consumer, "decodes now" if letter.event_id else "is no event"),
            showing.stacked(showing.local(letter.died_at, settings), letter.reason),
            str(letter.size),
        )
    say(table)
    say("`kith ops dead requeue` sends what decodes now to its inbox again.")
