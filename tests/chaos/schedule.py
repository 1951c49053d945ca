"""What happens when: drawn from the seed alone, so that a run can be repeated as far as time repeats itself."""

from dataclasses import dataclass
from random import Random

BROKER_BOOTS = 6.0
"""Seconds that RabbitMQ takes to come back, about: it is started this long before it should answer."""

SERVER_FAULTS = tuple(f"{server}_{how}" for server in ("amqp", "postgres") for how in ("cut", "blackhole", "delay"))
KILLS = (
    "kill_service_at_commit",
    "kill_service_at_ack",
    "kill_measure_at_commit",
    "kill_measure_at_ack",
    "kill_relay_at_publish",
    "kill_relay_at_confirm",
    "kill_relay_at_mark",
)
KINDS = (
    *KILLS,
    "broker_killed",
    "postgres_killed",
    *SERVER_FAULTS,
    "duplicates",
    "failing_reactions",
    "poison",
    "queue_full",
    "broker_away",
)
QUOTA = 10
"""Each kind at least this often over all seeds of a run."""


@dataclass(frozen=True)
class Planned:
    """One fault, `at` seconds after the beginning."""

    at: float
    kind: str


def draw(seed: int, seconds: float) -> list[Planned]:
    """The faults that the run itself commits; crash points and failing reactions come by chance in between.

    The broker is killed at the end of the first third and away for the whole middle one; it is killed again at the
    very end. What needs it falls into the first and the last third; the database suffers at any time.
    """
    random, third = Random(seed), seconds / 3
    planned = [Planned(third, "broker_away"), Planned(third * 2, "broker_back")]
    connected = ("amqp_cut", "amqp_blackhole", "amqp_delay", "duplicates")
    for part in (0.1, 0.5, 2.5):
        planned += [Planned(_in(random, third * part, third * (part + 0.4)), kind) for kind in connected]
        planned.append(Planned(_in(random, third * part, third * (part + 0.2)), "queue_full"))
    for kind in ("postgres_cut", "postgres_blackhole", "postgres_delay"):
        planned += [Planned(_in(random, third * part, third * (part + 0.8)), kind) for part in (0, 1, 2)]
    planned.append(Planned(_in(random, third * 0.3, third * 0.9), "postgres_killed"))
    planned.append(Planned(_in(random, third * 2.2, third * 2.7), "postgres_killed"))
    return sorted(planned, key=lambda fault: fault.at)


def again(seed: int, count: int) -> list[str]:
    """What is tried once more where a run has come to its end without enough of it, in another order each time."""
    kinds = ["queue_full", "amqp_cut", "amqp_blackhole", "amqp_delay", "duplicates", *SERVER_FAULTS[3:]]
    Random(f"{seed}/{count}").shuffle(kinds)
    return kinds


def _in(random: Random, begin: float, end: float) -> float:
    return round(random.uniform(begin, end), 2)
