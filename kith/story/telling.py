"""Runs the story: a fresh installation, its people, their steps through HTTP, and the report."""

import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from chassis.postgres_programs import default_data_dir
from chassis.settings import Settings
from kith import installed, starting
from kith.refusing import BadInput
from kith.story import plot, report
from kith.story.files import Files, county_of


def run(mode: str, files: Files, today: date, out: Path) -> int:
    """Tell the story in a fresh installation that is gone afterwards. Status 1 if a promise was not kept."""
    if mode not in ("embedded", "broker"):
        raise BadInput(f"MODE is embedded or broker, not {mode!r}")
    settings_from_outside = {"county": county_of(files.areas), "today": today, "port": 0, "log_level": "warning"}
    began = time.monotonic()
    report.opening(mode, today, files.areas, files.survey, files.helpers)
    with (_embedded if mode == "embedded" else _distributed)(settings_from_outside) as (settings, url):
        told = plot.tell(settings, url, files, today)
        told.seconds = round(time.monotonic() - began, 1)
    report.show(told)
    report.write(told, mode, today, out)
    return report.judge(told)


@contextmanager
def _embedded(outside: dict[str, object]) -> Iterator[tuple[Settings, str]]:
    data = default_data_dir(Path.cwd() / f"story-{secrets.token_hex(4)}")
    try:
        with starting.embedded(threading.Event(), data, **outside) as found:
            yield found
    finally:
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(data.with_name(f"{data.name}.files"), ignore_errors=True)
        installed.secret_of(data).unlink(missing_ok=True)


@contextmanager
def _distributed(outside: dict[str, object]) -> Iterator[tuple[Settings, str]]:
    from kith import clearing

    namespace = f"story{secrets.token_hex(4)}"
    folder = installed.state_folder()
    try:
        with starting.distributed(threading.Event(), namespace=namespace, **outside) as found:
            yield found
    finally:
        clearing.clear(Settings(mode="broker", namespace=namespace))
        shutil.rmtree(folder / f"{namespace}.files", ignore_errors=True)
        (folder / f"{namespace}.secret").unlink(missing_ok=True)
