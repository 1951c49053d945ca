"""A PostgreSQL of a test's own on loopback, that may be killed and comes back on the same port and data."""

import shutil
from pathlib import Path
from types import TracebackType

import psutil  # type: ignore[import-untyped,unused-ignore]

from chassis.embedded_postgres import EmbeddedPostgres
from chassis.postgres_programs import Programs, server_account
from tests.support.leash import Leash, kill_tree
from tests.support.private_folders import LOOPBACK, free_port, private_folder


def installed_programs() -> Programs | None:
    """The newest PostgreSQL that Debian's packages installed, if any."""
    found = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    newest = max(found, key=lambda program: int(program.parent.parent.name), default=None)
    return Programs(newest.parent, server_account()) if newest else None


class PrivatePostgres(EmbeddedPostgres):
    """Adds to the embedded server a loopback port without password, `kill`, and an end with its test run.

    Uses `programs`, else the installed packages, else the wheel.
    """

    def __init__(self, *, programs: Programs | None = None) -> None:
        self.port = free_port()
        self._leash: Leash | None = None
        super().__init__(
            private_folder(),
            programs=programs or installed_programs(),
            settings={"listen_addresses": LOOPBACK, "port": str(self.port), "max_connections": "200"},
        )

    @property
    def url(self) -> str:
        return f"postgresql+psycopg2://postgres@{LOOPBACK}:{self.port}/postgres"

    def start(self) -> str:
        url = super().start()
        self._leash = Leash([self._running.pid], self.data_dir)
        return url

    def stop(self) -> None:
        if self._leash is not None:
            self._leash.release()
            self._leash = None
        super().stop()

    def kill(self) -> None:
        """SIGKILL every process of the server at once; what was committed must still be there after `start`."""
        kill_tree(self._running)
        self.stop()

    def restart(self) -> str:
        self.stop()
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.data_dir, ignore_errors=True)

    @property
    def _running(self) -> psutil.Process:
        if self.pid is None:
            raise RuntimeError("this private PostgreSQL is not running")
        return psutil.Process(self.pid)
