"""`make bench-backbone`: measures, prints a table, writes build/bench/backbone.json. Always ends with status 0."""

import argparse
import signal
import statistics
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kombu import Connection
from rich.console import Console

from tests.load import report
from tests.load.backbone import consuming, cost, growth, latency, sending, telling
from tests.load.backbone.place import Place, place
from tests.load.report import ROOT, Row, Wanted
from tests.support import servers

say = Console(stderr=True)


@dataclass(frozen=True)
class Size:
    """How much is measured. One size for the record, a small one to see that it runs."""

    runs: int = 5
    sent: int = 60_000
    drained: int = 20_000
    drained_by_peers: int = 2_500
    subjects: int = 1_000
    seconds: float = 20
    poisoned_seconds: float = 8
    beside_seconds: float = 5
    commands: int = 400
    grown_subjects: tuple[int, int] = (1_000, 10_000)
    grown_events: int = 10_000
    few: int = 20_000
    many: int = 200_000


QUICK = Size(1, 2_000, 1_000, 500, 200, 2, 2, 1, 50, (200, 2_000), 2_000, 1_000, 3_000)


@dataclass
class Bench:
    """One run of everything; each method adds its rows."""

    place: Place
    size: Size
    rows: list[Row] = field(default_factory=list)

    def relay(self) -> None:
        """relay, and what an event costs there."""
        events = telling.tell(self.size.sent, self.size.subjects)
        ours, theirs = self._in_turn(
            lambda: sending.relay(self.place, events), lambda: sending.publish_bare(self.place, events)
        )
        self.rows.append(
            report.of_ratios(
                Wanted(
                    "relay",
                    "events/s of the relay, from a full outbox to the last mark",
                    ">= 0.7",
                    "a bare pipelined pika publisher of the same bodies, with confirms, without a database",
                ),
                [one.rate for one in ours],
                [one.rate for one in theirs],
            )
        )
        self._cpu("relay", "the relay", ours, theirs)

    def inbox(self) -> None:
        """inbox, inbox_disorder, vs_nameko_events, vs_faststream: all six contenders in turn."""
        clean = telling.tell(self.size.drained, self.size.subjects)
        few = clean[: self.size.drained_by_peers]
        shuffled = telling.disordered(clean)
        ours, each, bare, disorder, by_hand, faststream = self._in_turn(
            lambda: consuming.drain(self.place, consuming.OURS, clean),
            lambda: consuming.drain(self.place, consuming.OURS_EACH, clean),
            lambda: consuming.drain(self.place, consuming.BARE, clean),
            lambda: consuming.drain(self.place, consuming.OURS, shuffled),
            lambda: consuming.drain(self.place, consuming.BY_HAND, few),
            lambda: consuming.drain(self.place, consuming.FASTSTREAM, few),
        )
        for wanted, mine, other in (
            (
                Wanted(
                    "inbox",
                    "events/s of the consumer process, from a full queue; its reaction writes at the end of the batch",
                    ">= 0.5",
                    "a bare pika batch consumer: one INSERT and one UPDATE per event, one transaction per batch",
                ),
                ours,
                bare,
            ),
            (
                Wanted(
                    "inbox_statement_each",
                    "events/s likewise, with a reaction that sends its INSERT and its UPDATE by themselves",
                    None,
                    "the same bare consumer",
                ),
                each,
                bare,
            ),
            (
                Wanted(
                    "inbox_disorder",
                    "events/s with 20% of the events ahead of their predecessor and 5% twice",
                    ">= 0.7",
                    "the same consumer, the same events, clean",
                ),
                disorder,
                ours,
            ),
            (
                Wanted(
                    "vs_nameko_events",
                    "events/s of the consumer process",
                    ">= 3",
                    "the same guarantee by hand on nameko.events, one transaction per event, 10 workers",
                ),
                ours,
                by_hand,
            ),
            (
                Wanted(
                    "vs_faststream",
                    "events/s of the consumer process",
                    ">= 3",
                    "the same guarantee by hand on FastStream and asyncpg, one transaction per event, 10 at a time",
                ),
                ours,
                faststream,
            ),
        ):
            self.rows.append(report.of_ratios(wanted, [one.rate for one in mine], [one.rate for one in other]))
        self._cpu("consumer", "the consumer", ours, bare)

    def latency(self) -> None:
        """latency_p50_ms, latency_p99_ms, and poison_p95 from the same hosted processes."""
        clean, beside, poisoned = [], [], []
        with latency.running(self.place) as path:
            for number in range(self.size.runs):
                self._say("latency", number)
                clean.append(path.lags(self.size.seconds))
                beside.append(latency.round_trips(self.place, self.size.beside_seconds))
                poisoned.append(path.lags(self.size.poisoned_seconds, poison=True))
                path.forget_poison()
        for name, share, target in (("latency_p50_ms", 0.5, "<= 30"), ("latency_p99_ms", 0.99, "<= 150")):
            wanted = Wanted(
                name,
                f"commit → applied at {latency.PER_SECOND} events/s, p{share * 100:g}",
                target,
                "the bare round trip of RabbitMQ in the same run: confirmed and consumed",
            )
            self.rows.append(
                report.of_figures(
                    wanted,
                    "ms",
                    [latency.percentile(one, share) for one in clean],
                    [latency.percentile(one, share) for one in beside],
                )
            )
        wanted = Wanted(
            "poison_p95",
            f"p95 of commit → applied of all other subjects, while one subject's {latency.POISON_PER_SECOND} events/s fail",
            "<= 1.2",
            "the same without that subject",
        )
        self.rows.append(
            report.of_ratios(
                wanted,
                [latency.percentile(one, 0.95) for one in poisoned],
                [latency.percentile(one, 0.95) for one in clean],
            )
        )

    def outbox_cost(self) -> None:
        """outbox_cost."""
        with_event, without = [], []
        with cost.commanders(self.place) as (telling_one, silent_one):
            for number in range(self.size.runs):
                self._say("outbox_cost", number)
                found = cost.pair(telling_one, silent_one, self.size.commands)
                with_event.append(found[0] * 1000)
                without.append(found[1] * 1000)
        self.rows.append(
            report.of_ratios(
                Wanted(
                    "outbox_cost",
                    "time of a command that writes a row and records one event (runs in ms)",
                    "<= 1.25",
                    "the same command recording nothing",
                ),
                with_event,
                without,
            )
        )

    def subjects_growth(self) -> None:
        """subjects_growth."""
        few, many = (telling.tell(self.size.grown_events, subjects) for subjects in self.size.grown_subjects)
        of_many, of_few = self._in_turn(
            lambda: consuming.drain(self.place, consuming.OURS, many),
            lambda: consuming.drain(self.place, consuming.OURS, few),
        )
        less, more = self.size.grown_subjects
        self.rows.append(
            report.of_ratios(
                Wanted(
                    "subjects_growth",
                    f"events/s of the consumer with {more:,} subjects, none of which it knows yet",
                    ">= 0.8",
                    f"the same number of events about {less:,} subjects",
                ),
                [one.rate for one in of_many],
                [one.rate for one in of_few],
            )
        )

    def memory_growth(self) -> None:
        """memory_growth: of relay and consumer, the one that grew more."""
        events = telling.tell(self.size.many, self.size.subjects)
        runs = []
        for number in range(self.size.runs):
            self._say("memory_growth", number)
            runs.append(growth.memory(self.place, events, self.size.few))
        series = {
            name: (
                [getattr(late, name) / 2**20 for _, late in runs],
                [getattr(soon, name) / 2**20 for soon, _ in runs],
            )
            for name in ("relay", "consumer")
        }
        grown = max(
            series, key=lambda name: statistics.median(series[name][0]) / statistics.median(series[name][1])
        )
        self.rows.append(
            report.of_ratios(
                Wanted(
                    "memory_growth",
                    f"resident memory after {self.size.many:,} events, of the {grown}: it grew more (runs in MiB)",
                    "<= 1.1",
                    f"after {self.size.few:,} events",
                ),
                *series[grown],
            )
        )

    def _cpu(self, name: str, called: str, ours: Sequence[object], theirs: Sequence[object]) -> None:
        """µs of processor time per event: of the process, of its database sessions, of the broker meanwhile."""
        for part, field_, what in (
            (f"cpu_us_{name}", "cpu_us", f"processor time per event of {called}"),
            (f"cpu_us_database_{name}", "database_us", f"processor time per event of the database sessions of {called}"),
            (f"cpu_us_broker_{name}", "broker_us", f"processor time per event of the whole broker while {called} runs"),
        ):  # fmt: skip
            mine = [getattr(one, field_) for one in ours]
            other = [getattr(one, field_) for one in theirs]
            if None not in mine and None not in other:
                self.rows.append(report.of_figures(Wanted(part, what, None, "the bare one"), "µs", mine, other))

    def _in_turn(self, *measures: Callable[[], object]) -> list[list[object]]:
        """Each in turn, then all again."""
        found: list[list[object]] = [[] for _ in measures]
        for number in range(self.size.runs):
            for which, measure in enumerate(measures):
                self._say(f"part {which + 1} of {len(measures)}", number)
                found[which].append(measure())
        return found

    def _say(self, what: str, number: int) -> None:
        say.print(f"  {what}, run {number + 1} of {self.size.runs}", style="dim", highlight=False)


PARTS = ("relay", "inbox", "latency", "outbox_cost", "subjects_growth", "memory_growth")


def measure(size: Size, parts: Sequence[str], out: Path) -> None:
    """All parts in a place of their own; what fails is said and leaves the others their rows."""
    with servers.database_server() as database_url, servers.broker_server() as broker_url:
        if broker_url is None:
            say.print(servers.HOW_TO_INSTALL)
            return
        with place(database_url, broker_url) as found:
            bench = Bench(found, size)
            about = report.machine(**_versions(found))
            for part in parts:
                started = time.monotonic()
                say.print(part, style="bold")
                try:
                    getattr(bench, part)()
                except Exception:  # a bench measures what it can
                    say.print(traceback.format_exc(), style="red", highlight=False)
                say.print(f"  {time.monotonic() - started:.0f} s", style="dim", highlight=False)
    report.show("The backbone", bench.rows)
    report.write(out, {**about, "runs": size.runs}, bench.rows)
    Console().print(f"written to {out}")


def _versions(found: Place) -> dict[str, str]:
    with found.source.connect() as connection:
        postgres = str(connection.exec_driver_sql("show server_version").scalar())
    with Connection(found.broker_url, connect_timeout=5) as broker:
        broker.connect()
        rabbit = str(broker.connection.server_properties.get("version"))
    return {"postgresql": postgres, "rabbitmq": rabbit}


def main() -> None:
    """The command line."""
    options = argparse.ArgumentParser(prog="make bench-backbone", description=__doc__)
    options.add_argument("--quick", action="store_true", help="one small run of everything: to see that it works")
    options.add_argument("--only", default=",".join(PARTS), help="parts, by commas")
    options.add_argument("--runs", type=int, help="runs of each part")
    options.add_argument("--out", type=Path, default=ROOT / "build" / "bench" / "backbone.json")
    chosen = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing is left on the servers
    size = QUICK if chosen.quick else Size()
    if chosen.runs:
        size = Size(**{**vars(size), "runs": chosen.runs})
    measure(size, [part for part in PARTS if part in chosen.only.split(",")], chosen.out)


if __name__ == "__main__":
    main()
