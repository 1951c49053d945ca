"""The processes of the distributed mode on one machine: started, watched, ended by their own pids."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from chassis.logging import logger
from chassis.settings import Settings
from kith.registry import CONSUMERS, SERVICES

GRACE_SECONDS = 10.0
RESTART_SECONDS = 1.0


def roles() -> dict[str, list[str]]:
    """Every process of an installation: its name, and the arguments of `kith` that run it."""
    found = {f"serve-{name}": ["serve", name] for name in CONSUMERS}
    found["relay"] = ["relay", *SERVICES]
    found.update({f"work-{name}": ["work", name] for name, service in SERVICES.items() if service.jobs})
    found["gateway"] = ["gateway"]
    return found


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Processes:
    """Runs all roles; one that ends by itself is started again."""

    def __init__(self, settings: Settings, stop: threading.Event, log_folder: Path = Path("build/log")) -> None:
        port = settings.port or free_port()
        self._settings = settings.model_copy(update={"port": port})
        self.url = f"http://{settings.host}:{port}"
        self._stop = stop
        self._ending = threading.Event()
        self._logs = log_folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._watcher = threading.Thread(target=self._watch, name="processes", daemon=True)

    def __enter__(self) -> Self:
        self._logs.mkdir(parents=True, exist_ok=True)
        for name, arguments in roles().items():
            self._running[name] = self._start(name, arguments)
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._watcher.join()
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)
        end = time.monotonic() + GRACE_SECONDS
        for name, process in self._running.items():
            try:
                process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                logger().warning("process_killed", name=name, pid=process.pid)
                process.kill()
                process.wait()

    def pid(self, name: str) -> int:
        """A role's process id."""
        return self._running[name].pid

    def _start(self, name: str, arguments: list[str]) -> subprocess.Popen[bytes]:
        with (self._logs / f"{name}.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "kith", *arguments],
                env={**os.environ, **self._settings.environment()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _watch(self) -> None:
        while not self._ending.wait(RESTART_SECONDS):
            for name, process in self._running.items():
                if (status := process.poll()) is not None:
                    print(
                        f"kith: {name} ended ({status}), starting it again; see {self._logs}/{name}.log",
                        file=sys.stderr,
                    )
                    self._running[name] = self._start(name, roles()[name])
