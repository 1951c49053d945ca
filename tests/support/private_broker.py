"""A RabbitMQ of a test's own on loopback, that may be killed and comes back on the same port and data."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import amqp
import psutil  # type: ignore[import-untyped,unused-ignore]

from tests.support.leash import Leash, kill_tree
from tests.support.private_folders import LOOPBACK, free_port, private_folder
from tests.support.waiting import eventually

# Debian's command in the PATH insists on its own account and folders; the script behind it does not.
SCRIPTS = (Path("/usr/lib/rabbitmq/bin/rabbitmq-server"), Path("/opt/homebrew/sbin/rabbitmq-server"))
SETTINGS = """\
loopback_users.guest = true
raft.wal_max_size_bytes = 67108864
disk_free_limit.absolute = 64MB
log.file.level = warning
"""
Process = subprocess.Popen[bytes]


def installed_script() -> Path | None:
    """RabbitMQ's start script, if the package and Erlang's port mapper are installed."""
    script = next((each for each in SCRIPTS if each.exists()), None)
    return script if shutil.which("epmd") else None


def broker_answers(url: str) -> bool:
    """Whether a broker at `url` lets us log in now (waits two seconds at most)."""
    parts = urlsplit(url)
    link = amqp.Connection(
        f"{parts.hostname}:{parts.port or 5672}", parts.username, parts.password, connect_timeout=2, read_timeout=2
    )
    try:
        link.connect()
        link.close()
    except (OSError, amqp.AMQPError):
        return False
    return True


class PrivateBroker:
    """One node with its own name, cookie, folder, port mapper and ports; without plugins."""

    def __init__(self) -> None:
        script = installed_script()
        if script is None:
            raise RuntimeError("RabbitMQ is not installed")
        self.port, self._dist_port, self._epmd_port = free_port(), free_port(), free_port()
        self.folder = private_folder()
        self._script = script
        self._name = f"kith{secrets.token_hex(4)}@localhost"
        self._broker: Process | None = None
        self._epmd: Process | None = None
        self._leash: Leash | None = None

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@{LOOPBACK}:{self.port}/"

    @property
    def pid(self) -> int | None:
        return self._broker.pid if self._broker and self._broker.poll() is None else None

    @property
    def port_mapper_pid(self) -> int | None:
        return self._epmd.pid if self._epmd else None

    def start(self, *, within: float = 90) -> str:
        """Start the node and give its URL once it lets us log in."""
        self._write_settings()
        try:
            self._start_port_mapper()
            self._broker = self._spawn([str(self._script)])
            self._leash = Leash([p.pid for p in (self._broker, self._epmd) if p], self.folder)
            eventually(self._answers, within=within, what=f"a private RabbitMQ on port {self.port}")
        except BaseException:
            self.stop()
            raise
        return self.url

    def stop(self) -> None:
        """End the node as its package would (SIGTERM), else by force; then its port mapper."""
        if self._leash is not None:
            self._leash.release()
            self._leash = None
        for process in (self._broker, self._epmd):
            if process is not None:
                _end(process)
        self._broker = self._epmd = None

    def kill(self) -> None:
        """SIGKILL the node; what was confirmed as persistent must still be there after `start`.

        RabbitMQ 3.10 writes a new quorum queue's name to disk up to a second after declaring it, and one killed
        before then never answers again: `restart` once between declaring and killing.
        """
        if self._broker is None:
            raise RuntimeError("this private RabbitMQ is not running")
        kill_tree(psutil.Process(self._broker.pid))
        self.stop()

    def restart(self) -> str:
        self.stop()
        return self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        if self.pid is None:
            raise RuntimeError(f"the private RabbitMQ ended while starting; see {self.folder}")
        return broker_answers(self.url)

    def _start_port_mapper(self) -> None:
        self._epmd = self._spawn(["epmd", "-address", LOOPBACK, "-port", str(self._epmd_port)])
        eventually(lambda: _accepts(self._epmd_port), within=10, what="Erlang's port mapper")

    def _write_settings(self) -> None:
        for name, text in (("rabbitmq.conf", SETTINGS), ("enabled_plugins", "[].\n"), ("env", "")):
            (self.folder / name).write_text(text)
        if os.geteuid() == 0:
            uid, gid = _account()
            os.chown(self.folder, uid, gid)

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),  # the cookie lies here
            "LC_ALL": "C.UTF-8",
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "ERL_EPMD_PORT": str(self._epmd_port),
            "RABBITMQ_NODENAME": self._name,
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "env"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RUNNING_UNDER_SYSTEMD": "true",  # the script then becomes the node, so the pid is the node's
        }

    def _spawn(self, command: Sequence[str]) -> Process:
        uid, gid = _account() if os.geteuid() == 0 else (None, None)
        with (self.folder / "console.log").open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=self._environment(),
                start_new_session=True,
                user=uid,
                group=gid,
                extra_groups=[] if uid else None,
            )


def _account() -> tuple[int, int]:
    known = {entry.pw_name: (entry.pw_uid, entry.pw_gid) for entry in pwd.getpwall()}
    return known.get("rabbitmq", (0, 0))


def _accepts(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex((LOOPBACK, port)) == 0


def _end(process: Process) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        kill_tree(psutil.Process(process.pid))
        process.wait(10)
