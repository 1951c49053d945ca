"""The sample that ships is what its generator makes, and nobody in it can exist."""

import json
import zipfile
from pathlib import Path

from kith.sample import AREAS, HELPERS, HELPERS_ANSWERS, SURVEY, SURVEY_ANSWERS
from kith.sample.generate import generate


def contents(path: Path) -> dict[str, bytes]:
    """A file's bytes, or a workbook's parts: how well those are packed depends on the machine."""
    if path.suffix != ".xlsx":
        return {path.name: path.read_bytes()}
    with zipfile.ZipFile(path) as book:
        return {part: book.read(part) for part in book.namelist()}


def test_the_generator_makes_the_same_files_as_are_kept(tmp_path: Path) -> None:
    generate(tmp_path)
    for kept in (AREAS, HELPERS, HELPERS_ANSWERS, SURVEY, SURVEY_ANSWERS):
        assert contents(tmp_path / kept.name) == contents(kept), kept.name


def test_the_sample_has_empty_nests_that_wish_for_a_helper_and_helpers_of_both_kinds_of_clearance() -> None:
    survey = json.loads(SURVEY_ANSWERS.read_text(encoding="utf-8"))
    helpers = json.loads(HELPERS_ANSWERS.read_text(encoding="utf-8"))["helpers"]
    nests = [one for one in survey["valid_households"] if "empty_nest" in one["derivable"]]
    assert sum(one["consents"]["pairing"] for one in nests) >= 5
    assert any("left_behind_child" in one["derivable"] for one in survey["valid_households"])
    assert {bool(helper["cleared_on"]) for helper in helpers} == {True, False}


def test_the_county_is_invented() -> None:
    assert all(line.startswith(("code,", "990101")) for line in AREAS.read_text(encoding="utf-8").splitlines())
