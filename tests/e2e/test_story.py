"""The programme's main job from end to end, through HTTP, in both modes, on the sample and on real workbooks."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "kith" / "sample"
SHARED = ROOT.parent / "shared" / "data"
COUNTIES = {
    "sample": (SAMPLE / "areas.csv", SAMPLE / "survey.xlsx", SAMPLE / "helpers.xlsx"),
    "shared": (SHARED / "areas.csv", SHARED / "survey-1.xlsx", SHARED / "helpers-1.xlsx"),
}
KEYS = {
    "sample": (SAMPLE / "survey.answers.json", SAMPLE / "helpers.answers.json"),
    "shared": (SHARED / "survey-1.answers.json", SHARED / "helpers-1.answers.json"),
}
HERE = [name for name, files in COUNTIES.items() if all(file.exists() for file in files)]
PLACE = ("sheet", "row", "column", "code")
SAME_IN_BOTH_MODES = ("areas", "import", "helpers", "matches", "replacements", "visits", "refusals", "indicators")


@cache
def tell(mode: str, county: str, database_url: str, broker_url: str) -> dict[str, Any]:
    """Run the story once per mode and county; its figures."""
    out = ROOT / "build" / f"story-{mode}-{county}.json"
    out.unlink(missing_ok=True)
    areas, survey, helpers = COUNTIES[county]
    told = subprocess.run(
        [sys.executable, "-m", "kith", "story", "--mode", mode, "--out", str(out),
         "--areas", str(areas), "--survey", str(survey), "--helpers", str(helpers)],
        capture_output=True, text=True, timeout=170, check=False,
        env={**os.environ, "KITH_DATABASE_URL": database_url, "KITH_BROKER_URL": broker_url},
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    assert "The way of the families" in told.stdout
    figures: dict[str, Any] = json.loads(out.read_text())
    return figures


@pytest.fixture(params=HERE)
def county(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["embedded", "broker"])
def told(request: pytest.FixtureRequest, county: str, database_server: str, broker_server: str) -> dict[str, Any]:
    return tell(request.param, county, database_server, broker_server)


def places(problems: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return sorted(tuple(problem[name] for name in PLACE) for problem in problems)


def test_the_import_finds_exactly_what_the_keys_say(told: dict[str, Any], county: str) -> None:
    survey, helpers = (json.loads(key.read_text()) for key in KEYS[county])
    assert places(told["import"]["problems"]) == places(survey["problems"])
    assert told["import"]["rows"] == survey["persons"]["total"]
    assert told["import"]["households"] == survey["households"]["valid"]
    assert told["import"]["persons"] == survey["persons"]["in_valid_households"]
    assert places(told["helpers"]["problems"]) == places(helpers["problems"])
    assert (told["helpers"]["valid"], told["helpers"]["slots"]) == (helpers["valid"], helpers["slots"])


def test_every_event_was_applied_everywhere_and_every_figure_holds(told: dict[str, Any]) -> None:
    events = told["events"]
    assert events["recorded"] > 0
    assert events["applied"] == events["expected"]
    assert events["parked"] == 0
    assert told["recompute_mismatches"] == 0


def test_pairs_were_made_replaced_and_visited(told: dict[str, Any]) -> None:
    assert told["matches"]["proposed"] >= told["matches"]["active"] > 0
    assert told["replacements"] >= 1
    assert told["visits"] >= 1
    assert {"rule": "ADM-01", "status": 422} in told["refusals"]
    assert {item["status"] for item in told["refusals"]} == {401, 403, 404, 422}


def test_the_indicators_count_what_was_done(told: dict[str, Any]) -> None:
    figures = told["indicators"]
    assert figures["SURV-01"]["den"] == figures["SURV-04"]["den"] == told["import"]["households"]
    assert figures["SURV-04"]["num"] == told["import"]["households"]
    assert figures["GOV-01"] == {"num": 1, "den": told["areas"]["villages"]}
    assert 0 < figures["PAIR-01"]["num"] <= figures["PAIR-01"]["den"]
    assert 0 < figures["VIS-01"]["num"] <= figures["VIS-01"]["den"] <= told["matches"]["active"]


def test_both_modes_tell_the_same_story(county: str, database_server: str, broker_server: str) -> None:
    embedded = tell("embedded", county, database_server, broker_server)
    broker = tell("broker", county, database_server, broker_server)
    assert {key: embedded[key] for key in SAME_IN_BOTH_MODES} == {key: broker[key] for key in SAME_IN_BOTH_MODES}


def test_a_missing_file_is_one_line_and_status_two() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "kith", "story", "--survey", "nowhere.xlsx"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert told.stderr.strip() == "kith: SURVEY=nowhere.xlsx is no file"


@pytest.mark.parametrize(
    ("which", "said"),
    [
        ("survey", "workbook-not-xlsx: Save it as .xlsx"),
        ("helpers", "workbook-not-xlsx: Save it as .xlsx"),
        ("areas", "areas-invalid: row 4 code-twice: Delete one of the rows"),
    ],
)
def test_a_file_that_cannot_be_used_ends_the_story_with_one_line_that_says_what_to_do(
    which: str, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "wrong"
    lines = SAMPLE.joinpath("areas.csv").read_text().splitlines()[:3]
    file.write_text("\n".join([*lines, lines[-1]]) + "\n")
    told = subprocess.run(
        [sys.executable, "-m", "kith", "story", "--out", str(tmp_path / "story.json"), f"--{which}", str(file)],
        capture_output=True, text=True, timeout=120, check=False, env={**os.environ, "KITH_LOG_LEVEL": "error"},
    )  # fmt: skip
    assert (told.returncode, told.stderr.count("\n")) == (2, 1), told.stderr
    assert said in told.stderr
    assert not (tmp_path / "story.json").exists()
