"""Starts processes in milliseconds: everything is imported once, and each process is a fork of that.

`python -m tests.chaos.nursery serve|plain` reads one JSON line per process to start and answers with its pid; it says
of each that ends with which status. What it starts dies with it.
"""

import ctypes
import gc
import json
import os
import select
import signal
import sys
from typing import Any

DIE_WITH_PARENT = 1
# Taken before eventlet replaces them: the nursery itself must not begin a hub that its children would share.
_read, _fork, _waitpid, _select, _write = os.read, os.fork, os.waitpid, select.select, os.write


def main(kind: str) -> None:
    """Serve until stdin ends."""
    from tests.chaos import process

    process.import_all(kind)
    gc.freeze()
    _say({"ready": kind})
    signals, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    buffer = b""
    while True:
        ready, _, _ = _select([0, signals], [], [])
        if signals in ready:
            _read(signals, 4096)
            _tell_of_the_dead()
        if 0 in ready:
            if not (read := _read(0, 65536)):
                return
            *lines, buffer = (buffer + read).split(b"\n")
            for line in lines:
                _say({"started": _start(json.loads(line), (signals, wake))})


def _start(order: dict[str, Any], ours: tuple[int, int]) -> int:
    if pid := _fork():
        return pid
    status = 1
    try:
        _become(order, ours)
        from tests.chaos import process

        process.main()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        sys.stdout.flush()
        os._exit(status)


def _become(order: dict[str, Any], ours: tuple[int, int]) -> None:
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number in ours:
        os.close(number)
    nothing, log = os.open(os.devnull, os.O_RDONLY), os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.update(order["environment"])
    sys.argv = ["kith", *order["arguments"]]


def _tell_of_the_dead() -> None:
    while True:
        try:
            pid, status = _waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        _say({"ended": pid, "status": os.waitstatus_to_exitcode(status)})


def _say(word: dict[str, Any]) -> None:
    _write(1, json.dumps(word).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1])
