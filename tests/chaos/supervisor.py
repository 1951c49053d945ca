"""Runs the processes of an installation under chaos: what dies is started again, by pid, and remembered."""

import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from tests.chaos.births import Child, Nurseries

GRACE_SECONDS = 15.0
LOOK_SECONDS = 0.05
RESTART_SECONDS = 0.3
AGAIN_SECONDS = 2.0
"""Before a process is started again that did not even live this long."""

Environment = Callable[[str, int], Mapping[str, str]]
"""Role and how often it was started before -> what this start is told beside the settings."""


@dataclass
class Death:
    """A process that ended by itself or by a crash point."""

    role: str
    pid: int
    status: int
    at: float


@dataclass
class _Running:
    process: Child
    began: float
    starts: int


@dataclass
class Supervisor:
    """`roles`: name -> arguments of the kith command. Start with `with`; everything ends with it."""

    nurseries: Nurseries
    roles: Mapping[str, list[str]]
    settings: Mapping[str, str]
    environment: Environment
    logs: Path
    deaths: list[Death] = field(default_factory=list)
    roles_by_pid: dict[int, str] = field(default_factory=dict)
    _running: dict[str, _Running] = field(default_factory=dict)
    _due: dict[str, float] = field(default_factory=dict)
    _ending: threading.Event = field(default_factory=threading.Event)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        for role in self.roles:
            self._start(role, 0)
        self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._watcher.join()
        processes = [running.process for running in self._running.values()]
        for process in processes:
            process.send(signal.SIGCONT)
            process.send(signal.SIGTERM)
        end = time.monotonic() + GRACE_SECONDS
        for process in processes:
            process.end(max(0.1, end - time.monotonic()))

    def pid(self, role: str) -> int | None:
        """A role's process, if it runs now."""
        with self._lock:
            running = self._running.get(role)
            return running.process.pid if running and running.process.lives else None

    def kill(self, role: str) -> bool:
        """SIGKILL a role's process; whether there was one."""
        return self.send(role, signal.SIGKILL)

    def send(self, role: str, number: signal.Signals) -> bool:
        """Signal a role's process; whether there was one."""
        with self._lock:
            if self.pid(role) is None:
                return False
            self._running[role].process.send(number)
            return True

    def restart(self, role: str) -> None:
        """End a role's process kindly and start it anew with what it is told now."""
        with self._lock:
            running = self._running[role]
            running.process.end(GRACE_SECONDS)
            self._start(role, running.starts)

    def memory(self) -> dict[str, int]:
        """Resident bytes of every process that runs now."""
        found = {}
        for role in self.roles:
            try:
                if pid := self.pid(role):
                    found[role] = int(psutil.Process(pid).memory_info().rss)
            except psutil.NoSuchProcess:
                continue
        return found

    def _start(self, role: str, starts: int) -> None:
        environment = {**self.settings, **self.environment(role, starts)}
        process = self.nurseries.start(self.roles[role], environment, self.logs / f"{role}.log")
        self._running[role] = _Running(process, time.monotonic(), starts + 1)
        self.roles_by_pid[process.pid] = role

    def _watch(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            with self._lock:
                for role, running in list(self._running.items()):
                    if not running.process.lives:
                        self._revive(role, running)

    def _revive(self, role: str, running: _Running) -> None:
        now = time.monotonic()
        if role not in self._due:
            self.deaths.append(Death(role, running.process.pid, running.process.status or 0, time.time()))
            short = now - running.began < AGAIN_SECONDS
            self._due[role] = now + (AGAIN_SECONDS if short else RESTART_SECONDS)
        elif now >= self._due[role]:
            del self._due[role]
            self._start(role, running.starts)
