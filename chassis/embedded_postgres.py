"""Runs PostgreSQL from a wheel for the embedded mode, so that trying Kith needs no installed server."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psutil  # type: ignore[import-untyped,unused-ignore]
import psycopg2

from chassis.postgres_programs import (
    EmbeddedPostgresError,
    Programs,
    default_data_dir,
    make_open_folder,
    server_account,
    wheel_programs,
)

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "default_data_dir", "url_of_running"]

PORT = "5432"  # part of the socket's name; nothing listens on TCP
LONGEST_SOCKET_PATH = 103  # on macOS; Linux has 107
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_wal_size": "256MB",
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Messages and details of failed statements quote values, and values may be personal.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class EmbeddedPostgres:
    """A private PostgreSQL on one folder, behind a socket that only its own account (and root) may open.

    The server has its own session: Ctrl-C reaches us alone, and we end it last. A folder has one keeper at a
    time; what a crashed keeper left running is ended first. Raises EmbeddedPostgresError.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        programs: Programs | None = None,
        settings: Mapping[str, str] | None = None,
        within: float = 60.0,
    ) -> None:
        """`within`: seconds each of recovery and start may take; `settings` are laid over SETTINGS."""
        self.data_dir = data_dir.absolute()
        self._programs = programs
        self._settings = {**SETTINGS, **(settings or {})}
        self._within = within
        self._account = server_account()
        self._cluster = self.data_dir / "cluster"
        self._sockets = self.data_dir / "sockets"
        self._log = self.data_dir / "server.log"
        self._lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """SQLAlchemy URL of the administrator; a superuser, so for creating databases and roles only."""
        return _url(self._sockets)

    @property
    def pid(self) -> int | None:
        """The running server's process, or None."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> str:
        """Make the cluster if there is none, start the server, and give `url` once it answers."""
        self._account.require_way_to(self._cluster)
        make_open_folder(self.data_dir)
        self._take_lock()
        try:
            end_leftovers(self._cluster, within=self._within)
            programs = self._programs or wheel_programs(self._account)
            self._ensure_cluster(programs)
            self._launch(programs)
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self.url

    def stop(self) -> None:
        """End the server: cleanly within 30 s, else by force. To stop twice does nothing more."""
        if self._process is not None:
            _end(self._process)
            self._process = None
        if self._sockets.parent != self.data_dir:
            shutil.rmtree(self._sockets, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _take_lock(self) -> None:
        lock = os.open(self.data_dir / "lock", os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 20, 0).decode()
            os.close(lock)
            raise EmbeddedPostgresError(
                f"the database in {self.data_dir} is in use by process {holder}; stop that one first"
            ) from None
        os.truncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        self._lock = lock

    def _ensure_cluster(self, programs: Programs) -> None:
        version = programs.major_version()
        if not self._cluster.exists():
            self._initialise(programs, version)
        if (owner := self._cluster.stat().st_uid) != self._account.uid:
            raise EmbeddedPostgresError(
                f"{self._cluster} belongs to account {owner}, but the server would run as {self._account.uid}; "
                f"start as before, or hand it over: chown -R {self._account.uid} {self._cluster}"
            )
        made_by = (self._cluster / "PG_VERSION").read_text().strip()
        if made_by != str(version):
            raise EmbeddedPostgresError(
                f"{self._cluster} was made by PostgreSQL {made_by} and this is {version}; "
                "carry it over with pg_dump, or move the folder away to begin anew"
            )

    def _initialise(self, programs: Programs, version: int) -> None:
        draft = self.data_dir / "cluster.new"  # renamed when complete: a crash leaves no half cluster
        shutil.rmtree(draft, ignore_errors=True)
        self._account.take(draft)
        # Order by code point everywhere; letters of every script from 17 on.
        locale = ["--encoding=UTF8", "--locale=C"]
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if version >= 17 else []
        programs.run("initdb", "-D", str(draft), "-U", "postgres", "--auth=trust", *locale)
        draft.rename(self._cluster)

    def _launch(self, programs: Programs) -> None:
        self._sockets = self._account.take(self._socket_folder())
        settings = {**self._settings, "unix_socket_directories": str(self._sockets)}
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        log = os.open(self._log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        try:
            self._process = programs.spawn("postgres", "-D", str(self._cluster), *arguments, output=log)
        finally:
            os.close(log)

    def _socket_folder(self) -> Path:
        near = self.data_dir / "sockets"
        longest = near / f".s.PGSQL.{PORT}.lock"
        return (
            near
            if len(os.fsencode(longest)) <= LONGEST_SOCKET_PATH
            else Path(tempfile.mkdtemp("", "kith-", "/tmp"))
        )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + self._within
        while not answers(self.url):
            if self.pid is None or time.monotonic() > deadline:
                last = self._log.read_text(errors="replace").strip()[-500:]
                raise EmbeddedPostgresError(f"PostgreSQL did not start; {self._log} ends with: {last}")
            time.sleep(0.02)


def url_of_running(data_dir: Path) -> str | None:
    """The URL of the server that another process keeps on `data_dir`, or None if none answers."""
    try:
        facts = (data_dir / "cluster" / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    url = _url(Path(facts[4])) if len(facts) > 4 else None
    return url if url and answers(url) else None


def answers(url: str) -> bool:
    """Whether a server takes a connection at `url` now (waits two seconds at most)."""
    try:
        psycopg2.connect(url.replace("+psycopg2", ""), connect_timeout=2).close()
    except psycopg2.OperationalError:
        return False
    return True


def end_leftovers(cluster: Path, *, within: float) -> None:
    """End every server process at work in `cluster`. The caller holds its lock, so they outlived their keeper."""
    left = [process for process in psutil.process_iter() if _works_in(process, cluster)]
    for process in left:
        with contextlib.suppress(psutil.Error):
            if "-D" in process.cmdline():  # the postmaster; to its children the signal means something else
                process.send_signal(signal.SIGINT)
    _, stubborn = psutil.wait_procs(left, timeout=within)
    for process in stubborn:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(stubborn, timeout=within)
    (cluster / "postmaster.pid").unlink(missing_ok=True)  # its number may be another process's by now


def _works_in(process: psutil.Process, cluster: Path) -> bool:
    try:
        return process.name() == "postgres" and (
            process.cwd() == str(cluster.resolve()) or str(cluster) in process.cmdline()
        )
    except psutil.Error:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    for number, patience in ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            return


def _url(sockets: Path) -> str:
    return f"postgresql+psycopg2://postgres@/postgres?host={quote(str(sockets), safe='')}&port={PORT}"
