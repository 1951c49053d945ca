"""The nurseries seen from the run: `start` gives a process that can be asked whether it lives, signalled and awaited."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from types import TracebackType
from typing import Self

READY_SECONDS = 120.0


@dataclass
class Child:
    """One process; `status` is set once it has ended."""

    pid: int
    status: int | None = None
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def lives(self) -> bool:
        return not self.ended.is_set()

    def send(self, number: signal.Signals) -> None:
        if self.lives:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def end(self, grace: float) -> None:
        """SIGTERM, and SIGKILL if that is not heeded within `grace` seconds."""
        self.send(signal.SIGTERM)
        if not self.ended.wait(grace):
            self.send(signal.SIGKILL)
            self.ended.wait(10)


class Nursery:
    """One nursery process of its kind: `serve` (patched by eventlet) or `plain`."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._children: dict[int, Child] = {}
        self._ended_early: dict[int, int] = {}
        self._born: Queue[int] = Queue()
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        self._ready = threading.Event()

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nursery", self._kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, name=f"nursery-{self._kind}", daemon=True)
        self._listener.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join(10)

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Child:
        """A new process with these arguments of the kith command."""
        end = time.monotonic() + READY_SECONDS
        while not self._ready.wait(0.1):
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the nursery for {self._kind} processes did not start")
        order = {"arguments": list(arguments), "environment": dict(environment), "log": str(log)}
        assert self._process.stdin
        with self._starting:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
            pid = self._born.get(timeout=30)
        with self._lock:
            child = self._children[pid] = Child(pid)
            if pid in self._ended_early:
                self._end(pid, self._ended_early.pop(pid))
        return child

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            word = json.loads(line)
            if "ready" in word:
                self._ready.set()
            elif "started" in word:
                self._born.put(word["started"])
            else:
                with self._lock:
                    if word["ended"] in self._children:
                        self._end(word["ended"], word["status"])
                    else:
                        self._ended_early[word["ended"]] = word["status"]

    def _end(self, pid: int, status: int) -> None:
        child = self._children.pop(pid)
        child.status = status
        child.ended.set()


@dataclass
class Nurseries:
    """Both kinds, started side by side."""

    serve: Nursery = field(default_factory=lambda: Nursery("serve"))
    plain: Nursery = field(default_factory=lambda: Nursery("plain"))

    def __enter__(self) -> Self:
        self._stack = contextlib.ExitStack()
        self._stack.enter_context(self.serve)
        self._stack.enter_context(self.plain)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Child:
        """A process from the right one of them."""
        nursery = self.serve if arguments[0] == "serve" else self.plain
        return nursery.start(arguments, environment, log)
