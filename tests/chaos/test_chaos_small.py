"""A short storm that must leave nothing wrong, and one broken version that must be caught. `make chaos` is the long one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.arms import try_arm
from tests.chaos.county import County
from tests.chaos.run import run
from tests.chaos.storm import Storm
from tests.support.servers import broker_missing, installed_script

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(not os.environ.get("KITH_TEST_CHAOS"), reason="takes minutes: set KITH_TEST_CHAOS=1"),
]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    if not installed_script():
        broker_missing()
    with County(tmp_path_factory.mktemp("county")) as county:
        yield county


def test_a_short_storm_leaves_nothing_lost_nothing_twice_and_nothing_out_of_order(
    county: County, tmp_path: Path
) -> None:
    outcome = run(county, Storm(county, 1, tmp_path), 1, 20, 0, tmp_path)
    assert outcome.clean, outcome
    assert outcome.faults["broker_killed"] == 2


def test_control_an_inbox_that_lets_duplicates_pass_is_caught(county: County, tmp_path: Path) -> None:
    assert try_arm(county, "no_duplicate_check", tmp_path, seconds=15).n
