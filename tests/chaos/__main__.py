"""`make chaos`: storms over the real processes, one per seed, and the control arms. Status 1 if anything is wrong."""

import argparse
import math
import shutil
from pathlib import Path

from rich.console import Console

from tests.chaos import arms, outage, report
from tests.chaos.broken import ARMS
from tests.chaos.county import County
from tests.chaos.run import Outcome, run
from tests.chaos.schedule import QUOTA
from tests.chaos.storm import Storm

BUILD = Path("build")
EVIDENCE = BUILD / "chaos"


def main() -> int:
    """Read the command line and do it."""
    told = _arguments()
    console = Console()
    if told.outage:
        return outage.prove(told.outage, EVIDENCE / "outage", BUILD / "chaos-outage.json", console)
    outcomes: list[Outcome] = []
    verdicts: list[arms.Verdict] = []
    console.log("a county is installed and seeded")
    with County(EVIDENCE) as county:
        if not told.arms_only:
            outcomes += _storms(county, told, console)
        if not told.no_arms:
            for name in told.arm or ARMS:
                console.log(f"control arm {name}")
                verdicts.append(arms.try_arm(county, name, _emptied(EVIDENCE / name)))
    report.show(outcomes, verdicts, console)
    if not told.arm:
        report.write(BUILD / "chaos.json", outcomes, verdicts)
    return _judge(outcomes, verdicts, console, told.seeds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="how many storms")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each rages")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--arms-only", action="store_true")
    parser.add_argument("--no-arms", action="store_true")
    parser.add_argument("--arm", action="append", choices=sorted(ARMS), help="only these; writes no chaos.json")
    parser.add_argument("--outage", type=float, metavar="SECONDS", help="no storm: the broker away for this long")
    return parser.parse_args()


def _storms(county: County, told: argparse.Namespace, console: Console) -> list[Outcome]:
    quota = math.ceil(QUOTA / told.seeds)
    outcomes = []
    for seed in range(told.first_seed, told.first_seed + told.seeds):
        console.log(f"seed {seed}")
        folder = _emptied(EVIDENCE / str(seed))
        outcomes.append(run(county, Storm(county, seed, folder), seed, told.seconds, quota, folder))
        console.print(report.line(outcomes[-1]))
        report.write(BUILD / "chaos.json", outcomes, [])
    return outcomes


def _judge(outcomes: list[Outcome], verdicts: list[arms.Verdict], console: Console, seeds: int) -> int:
    wrong = [
        f"seed {outcome.seed} is not clean: make chaos SEEDS=1 FIRST_SEED={outcome.seed}; evidence in {EVIDENCE}/{outcome.seed}"
        for outcome in outcomes
        if not outcome.clean
    ]
    wrong += [f"the control arm {verdict.arm} was not caught" for verdict in verdicts if not verdict.n]
    if seeds >= 5 and outcomes:
        wrong += [f"{kind} happened less than {QUOTA} times" for kind in report.rare(outcomes)]
    for line in wrong:
        console.print(f"[red]{line}[/red]")
    return 1 if wrong else 0


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


if __name__ == "__main__":
    raise SystemExit(main())
