"""What a bench hands out is what others read: the rows' keys, medians of what was measured, a missed target in red."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from tests.load import report
from tests.load.backbone import latency, telling
from tests.load.report import Row, Wanted

KEYS = {"id", "what", "figure", "unit", "target", "against", "theirs", "runs"}


def _row(figure: float, target: str | None) -> Row:
    return Row("relay", "events/s", figure, "×", target, "a bare publisher", 2.0, [{"ours": figure, "theirs": 2.0}])


def test_a_ratio_is_that_of_the_medians_and_keeps_its_raw_runs() -> None:
    row = report.of_ratios(Wanted("relay", "events/s", ">= 0.7", "bare"), [10, 30, 20], [40, 20, 100])
    assert (row.figure, row.theirs) == (0.5, 40)
    assert row.runs == [{"ours": 10, "theirs": 40}, {"ours": 30, "theirs": 20}, {"ours": 20, "theirs": 100}]


def test_a_figure_alone_keeps_plain_runs() -> None:
    row = report.of_figures(Wanted("cpu_us_relay", "µs"), "µs", [3.0, 1.0, 2.0])
    assert (row.figure, row.theirs, row.runs) == (2.0, None, [3.0, 1.0, 2.0])


@pytest.mark.parametrize(
    ("figure", "target", "missed"),
    [(0.7, ">= 0.7", False), (0.69, ">= 0.7", True), (30, "<= 30", False), (31, "<= 30", True), (0, None, False)],
)
def test_a_target_is_reached_or_missed(figure: float, target: str | None, missed: bool) -> None:
    assert _row(figure, target).missed is missed


def test_what_was_missed_is_red_and_says_so() -> None:
    shown = io.StringIO()
    report.show(
        "A bench", [_row(0.5, ">= 0.7"), _row(0.9, ">= 0.7")], Console(file=shown, width=200, force_terminal=True)
    )
    red, rest = (line for line in shown.getvalue().splitlines() if "events/s" in line)
    assert "missed" in red
    assert "\x1b[31m" in red
    assert "missed" not in rest


def test_the_file_has_the_machine_the_commit_and_every_rows_keys(tmp_path: Path) -> None:
    report.write(tmp_path / "bench" / "x.json", report.machine(postgresql="15"), [_row(1, None)])
    found = json.loads((tmp_path / "bench" / "x.json").read_text())
    assert set(found) == {"machine", "commit", "rows"}
    assert found["machine"]["postgresql"] == "15"
    assert [set(row) for row in found["rows"]] == [KEYS]


def test_disorder_brings_one_in_five_too_early_and_one_in_twenty_twice() -> None:
    events = telling.tell(5_000, 100)
    found = telling.disordered(events)
    assert {told.id for told in found} == {told.id for told in events}
    assert len(found) - len(events) == 250
    seen: dict[str, set[int]] = {}
    early = 0
    for told in found:
        known = seen.setdefault(told.subject, {0})
        early += told.sequence - 1 not in known
        known.add(told.sequence)
    assert early / len(events) == pytest.approx(telling.AHEAD, abs=0.03)


def test_control_what_was_told_is_in_order() -> None:
    last: dict[str, int] = {}
    for told in telling.tell(1_000, 50):
        assert told.sequence == last.get(told.subject, 0) + 1
        last[told.subject] = told.sequence


def test_a_percentile_is_a_value_that_was_seen() -> None:
    assert latency.percentile([5.0, 1.0, 3.0, 2.0, 4.0], 0.5) == 3.0
    assert latency.percentile(list(map(float, range(100))), 0.99) == 99.0
