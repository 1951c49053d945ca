"""Processes of the bench: started, watched for what they cost, and ended, also when the bench itself is killed."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import psutil
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from chassis.settings import Settings
from tests.load.backbone.place import Place
from tests.load.report import ROOT
from tests.support.leash import Leash

END_SECONDS = 20.0


class HasFolder(Protocol):
    """Where a child runs: its settings, and a folder for its log."""

    folder: Path
    settings: Settings


class Child:
    """`python -m tests.load.backbone.<module>` with the place's settings."""

    package = "tests.load.backbone."

    def __init__(self, place: HasFolder, module: str, *arguments: str) -> None:
        self._errors = Path(tempfile.mkstemp(prefix=f"{module}-", suffix=".log", dir=place.folder)[1])
        with self._errors.open("w") as errors:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", f"{self.package}{module}", *arguments],
                cwd=ROOT,
                env={**os.environ, **place.settings.environment()},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._process = psutil.Process(self._popen.pid)
        self._leash = Leash([self._popen.pid], place.folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leash.release()
        if self._popen.poll() is None:
            self._popen.terminate()
            try:
                self._popen.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._popen.kill()
                self._popen.wait(END_SECONDS)
        if self._popen.stdout:
            self._popen.stdout.close()

    def lives(self) -> None:
        """Fail with what it said if it has ended."""
        if self._popen.poll() is not None:
            raise RuntimeError(f"{self._popen.args!r} ended: {self.said()}")

    def said(self) -> str:
        """The end of its log."""
        return self._errors.read_text()[-1500:]

    def answer(self, within: float) -> dict[str, Any]:
        """What a child that measures by itself printed before it ended."""
        out, _ = self._popen.communicate(timeout=within)
        if self._popen.returncode != 0:
            self.lives()
        found: dict[str, Any] = json.loads(out.strip().splitlines()[-1])
        return found

    def cpu_seconds(self) -> float:
        """Processor time it used so far."""
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def resident(self) -> int:
        """Bytes of memory it holds."""
        return int(self._process.memory_info().rss)


class Servers:
    """What the servers use, where they run on this machine: with others on them it is more than ours."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._broker = _listener(make_url(place.broker_url).port or 5672)

    def broker_cpu(self) -> float | None:
        """Processor seconds of the broker so far."""
        if self._broker is None:
            return None
        times = self._broker.cpu_times()
        return float(times.user + times.system)

    def backends_cpu(self, engine: sa.Engine) -> dict[int, float]:
        """Processor seconds so far of each database session that the services' role has in that database."""
        role = self._place.names.app_role
        with engine.connect() as connection:
            pids = connection.scalars(
                sa.text("select pid from pg_stat_activity where datname = current_database() and usename = :role"),
                {"role": role},
            ).all()
        return {pid: spent for pid in pids if (spent := _cpu_of(pid)) is not None}


def _cpu_of(pid: int) -> float | None:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return None
    return float(times.user + times.system)


def _listener(port: int) -> psutil.Process | None:
    try:
        for link in psutil.net_connections("tcp"):
            if link.status == psutil.CONN_LISTEN and link.laddr and link.laddr.port == port and link.pid:
                return psutil.Process(link.pid)
    except (psutil.Error, OSError):
        return None
    return None
