"""`make bench-front-door`: measures, prints a table, writes build/bench/front-door.json. Always ends with status 0."""

import argparse
import statistics
import sys
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import cast

from rich.console import Console

from tests.load import report
from tests.load.front_door import recorded
from tests.load.front_door.admission import InCel, Judge, mean_seconds, seconds_of_each
from tests.load.front_door.doors import CONNECTIONS, Doors, Measured, doors
from tests.load.front_door.place import Place, place
from tests.load.report import ROOT, Row, Wanted
from tests.support import servers

say = Console(stderr=True)
PARTS = ("admission", "commands", "queries", "record")
BARE = "a bare Starlette + aiormq + nameko echo, without sign-in, rules, verdicts, seals and database"


@dataclass(frozen=True)
class Size:
    """How much is measured. One size for the record, a small one to see that it runs."""

    runs: int = 5
    seconds: float = 6
    judged: int = 20_000
    record: int = 100_000


QUICK = Size(1, 1.5, 500, 4_000)


@dataclass
class Bench:
    """One run of everything; each method adds its rows."""

    size: Size
    rows: list[Row] = field(default_factory=list)

    def admission(self) -> None:
        """admission_p99_ms, admission_vs_cel, rule_growth: in this process, no server."""
        one, fifty, many, cel = Judge(1), Judge(50), Judge(200), InCel()
        p99, alone, theirs, at_50, at_200 = [], [], [], [], []
        for _ in range(self.size.runs):
            taken = seconds_of_each(fifty.added, self.size.judged // self.size.runs)
            p99.append(statistics.quantiles(taken, n=100)[98] * 1e3)
            alone.append(mean_seconds(one.judge, self.size.judged) * 1e6)
            theirs.append(mean_seconds(cel.judge, max(20, self.size.judged // 200)) * 1e6)
            at_50.append(mean_seconds(fifty.judge, self.size.judged // 20) * 1e3)
            at_200.append(mean_seconds(many.judge, self.size.judged // 80) * 1e3)
        wanted = Wanted(
            "admission_p99_ms", "ms that 50 rules over one command add to a request, verdict included, p99", "<= 1"
        )
        self.rows.append(report.of_figures(wanted, "ms", p99))
        wanted = Wanted(
            "admission_vs_cel", "µs of rule ADM-01 in cel-python ÷ in ours", ">= 50", "ours, which names fields too"
        )
        self.rows.append(report.of_ratios(wanted, theirs, alone))
        wanted = Wanted("rule_growth", "ms of 200 rules over one command ÷ of 50", "<= 5", "50 rules")
        self.rows.append(report.of_ratios(wanted, at_200, at_50))

    def commands(self, running: Doors) -> None:
        """command_ratio, and how long a command takes."""
        self._beside("command", "visit reports/s", running.commands)

    def queries(self, running: Doors) -> None:
        """query_ratio likewise."""
        self._beside("query", "pages of 50 households/s", running.queries)

    def _beside(self, what: str, of: str, measure: Callable[..., Measured]) -> None:
        ours, theirs = [], []
        for number in range(self.size.runs):
            for bare in (False, True) if number % 2 else (True, False):
                found = measure(bare=bare, seconds=self.size.seconds)
                (theirs if bare else ours).append(found)
                say.print(f"  {what} {'bare' if bare else 'ours'}: {found.rate:,.0f}/s, p99 {found.p99_ms:.0f} ms")
        sentence = f"{of} over {CONNECTIONS} connections, an echo behind the door"
        self.rows.append(
            report.of_ratios(
                Wanted(f"{what}_ratio", sentence, ">= 0.6", BARE),
                [one.rate for one in ours],
                [one.rate for one in theirs],
            )
        )
        wanted = Wanted(f"{what}_p99_ms", f"ms until {CONNECTIONS} busy connections are answered, p99", None, BARE)
        times = ([one.p99_ms for one in ours], [one.p99_ms for one in theirs])
        self.rows.append(report.of_figures(wanted, "ms", *times))
        wanted = Wanted(f"{what}_cpu_us", "µs of processor time of the door's process for each", None, BARE)
        self.rows.append(
            report.of_figures(wanted, "µs", [one.cpu_us for one in ours], [one.cpu_us for one in theirs])
        )

    def record(self, where: Place) -> None:
        """How fast the record is verified."""
        recorded.fill(where, self.size.record)
        found = [recorded.verify(where) for _ in range(self.size.runs)]
        wanted = Wanted("record_verify", f"lines of the record verified in a second, of {self.size.record:,}")
        self.rows.append(report.of_figures(wanted, "/s", [rate for rate, _ in found]))
        wanted = Wanted("record_memory", "MiB that verifying them takes at most")
        self.rows.append(report.of_figures(wanted, "MiB", [max(grown, 0.001) for _, grown in found]))


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only see that it runs")
    parser.add_argument("--runs", type=int, help="how many runs of each")
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part")
    told = parser.parse_args()
    size = QUICK if told.quick else Size(runs=told.runs) if told.runs else Size()
    bench, parts = Bench(size), set(told.only or PARTS)
    about = report.machine()
    try:
        _measure(bench, parts)
    except Exception:
        traceback.print_exc()
        say.print("[red]not everything was measured")
    if not bench.rows:
        sys.exit(0)
    report.show("The front door", bench.rows)
    name = "front-door-quick" if told.quick else "front-door"
    report.write(ROOT / "build" / "bench" / f"{name}.json", about, bench.rows)


def _measure(bench: Bench, parts: set[str]) -> None:
    if "admission" in parts:
        bench.admission()
    if not parts - {"admission"}:
        return
    with ExitStack() as stack:
        database = stack.enter_context(servers.database_server())
        broker = stack.enter_context(servers.broker_server())
        if broker is None:
            say.print(f"[yellow]{servers.HOW_TO_INSTALL}")
            return
        where = stack.enter_context(place(database, broker))
        if parts & {"commands", "queries"}:
            with doors(where) as running:
                for part in ("commands", "queries"):
                    if part in parts:
                        cast(Callable[[Doors], None], getattr(bench, part))(running)
        if "record" in parts:
            bench.record(where)


if __name__ == "__main__":
    main()
