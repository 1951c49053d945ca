"""One process of a chaos run: `python -m tests.chaos.process <what the kith command takes>`.

It is the real process. Only a witness, failing reactions, shorter waits and, in a control arm, one broken version are
put in before it starts; that is why this stands among the tests.
"""

import os
import sys
import warnings
from datetime import timedelta
from importlib import import_module

from tests.chaos.conditions import Conditions
from tests.chaos.journal import note

QUEUE_LENGTH = 1_000
RETRY_SECONDS = (0.2, 0.5, 1, 1, 1, 1)
"""So that poison is parked within the run, and one failure in thirty never is."""

BY_KIND = {
    "serve": ("chassis.hosts.nameko",),
    "plain": ("chassis.hosts.runtimes", "chassis.relay", "chassis.rpc_asyncio", "gateway.serving"),
}
BY_ALL = (
    "chassis.health",
    "chassis.relay",
    "chassis.repairing",
    "chassis.watching",
    "chassis.worker",
    "kith.cli",
    "kith.commands",
    "kith.hosting",
    "kith.registry",
    "kith.waiting",
    "structlog.dev",
    "tests.chaos.broken",
    "tests.chaos.witness",
)
"""What a process of each kind, and any process, runs on."""

JOB_SECONDS = (1, 1, 2, 2)
BACKOFF_SECONDS = (0.2, 0.5, 1.0)


def import_all(kind: str) -> None:
    """Import what a process of this kind runs on (`serve`: patched by eventlet first), and begin nothing."""
    if kind == "serve":
        warnings.filterwarnings("ignore", message="\\s*Eventlet is deprecated", category=Warning)
        import eventlet

        eventlet.monkey_patch()
    for module in (*BY_KIND[kind], *BY_ALL):
        import_module(module)


def main() -> None:
    """Prepare this process, then be the `kith` command."""
    import_all("serve" if sys.argv[1:2] == ["serve"] else "plain")
    _prepare()
    from kith.cli import main as kith

    kith()


def _prepare() -> None:
    from kith import registry
    from tests.chaos.broken import ARMS
    from tests.chaos.witness import observed

    conditions = Conditions.of(os.environ)
    _shorten_waits()
    for name, service in registry.CONSUMERS.items():
        registry.CONSUMERS[name] = observed(service, conditions)
    if sys.argv[1:2] == ["relay"]:
        _tell_of_refused_publishes(conditions)
    if conditions.arm:
        _mend_nothing()
        ARMS[conditions.arm]()


def _shorten_waits() -> None:
    from chassis import inbox, relay, topology, worker

    inbox.RETRY_AFTER = tuple(timedelta(seconds=s) for s in RETRY_SECONDS)
    worker.WAITS = tuple(timedelta(seconds=s) for s in JOB_SECONDS)
    relay.BACKOFF_SECONDS = BACKOFF_SECONDS
    topology.MAX_LENGTH = QUEUE_LENGTH


def _mend_nothing() -> None:
    """Gap repair would heal what a broken version does."""
    from chassis import repairing

    repairing.HOLES_AT_ONCE = 0


def _tell_of_refused_publishes(conditions: Conditions) -> None:
    from chassis.metrics import SentMeter

    count = SentMeter.sent

    def tell(meter: SentMeter, taken: int, refused: int, seconds: float) -> None:
        if refused:
            note(conditions.journal, "refused", refused)
        count(meter, taken, refused, seconds)

    SentMeter.sent = tell  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
