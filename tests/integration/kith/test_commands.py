"""What the user of the command line gets wrong is one line and status 2."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (("nonsense",), {}),
        (("serve", "nobody"), {}),
        (("relay", "households", "nobody"), {}),
        (("work", "activities"), {}),
        (("up", "--mode", "x"), {}),
        (("story", "--today", "x"), {}),
        (("story", "--no-such-option"), {}),
        (("ops", "status"), {"KITH_PORT": "abc"}),
        (("ops", "recompute"), {"KITH_NAMESPACE": "No Such"}),
    ],
)
def test_wrong_input_is_one_line_and_status_two(arguments: tuple[str, ...], environment: dict[str, str]) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "kith", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert said.returncode == 2
    assert said.stderr.startswith("kith: ")
    assert said.stderr.count("\n") == 1
