"""Ends a private server when the process that started it is gone, even by SIGKILL."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil  # type: ignore[import-untyped,unused-ignore]


class Leash:
    """A small watcher process: it holds a pipe from us, and when the pipe closes it ends what it watches."""

    def __init__(self, pids: Sequence[int], folder: Path) -> None:
        """`pids`: processes to kill with their children; `folder`: deleted after them."""
        names = [f"{pid}:{psutil.Process(pid).create_time()}" for pid in pids]
        self._watcher = subprocess.Popen(
            [sys.executable, "-P", __file__, str(folder), *names], stdin=subprocess.PIPE, start_new_session=True
        )

    def release(self) -> None:
        """Let go: the servers were ended by their owner, and the folder stays."""
        self._watcher.kill()
        if self._watcher.stdin:
            self._watcher.stdin.close()
        self._watcher.wait(10)


def kill_tree(process: psutil.Process) -> None:
    """SIGKILL a process and all that descends from it, as a power cut would, and wait until they are gone."""
    with contextlib.suppress(psutil.NoSuchProcess):
        doomed = [process, *process.children(recursive=True)]
        for each in doomed:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        psutil.wait_procs(doomed, timeout=10)


def _watch(folder: Path, names: Sequence[str]) -> None:
    os.read(0, 1)  # returns when the last holder of the other end is gone
    for name in names:
        pid, born = name.split(":")
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(int(pid))
            if process.create_time() == float(born):
                kill_tree(process)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _watch(Path(sys.argv[1]), sys.argv[2:])
