"""What people do at the gateway beside single operations: hand in a file, and wait for a job."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from kith import waiting
from kith.client import Client, Manner

JOB_SECONDS = 120.0
PATIENT = Manner(follow=60.0)
"""Waits for what a service that was away does later."""

T = TypeVar("T", bound=Mapping[str, object])


def upload(officer: Client, file: Path) -> str:
    """Send a file; its id."""
    with file.open("rb") as content:
        return officer.file_upload(content)["file_id"]


def until(ask: Callable[[], T], *done: str) -> T:
    """Ask again until its `state` is one of `done`; TimeoutError if that takes too long."""
    found = [ask()]

    def settled() -> bool:
        found[0] = ask()
        return found[0]["state"] in done

    if found[0]["state"] not in done and not waiting.within(settled, JOB_SECONDS):
        raise TimeoutError(f"a job is still {found[0]['state']!r} after {JOB_SECONDS:.0f} s")
    return found[0]
