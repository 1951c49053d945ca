"""Remove a whole installation from this machine."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from chassis.embedded_postgres import url_of_running
from chassis.postgres_programs import default_data_dir
from chassis.settings import Settings
from kith import clearing, installed
from kith.refusing import BadInput


def forget(yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False) -> None:
    """Remove the installation kept here, with all its data. What is not backed up is gone."""
    data = default_data_dir(Path.cwd())
    if installed.secret_of(data).exists():
        if url_of_running(data):
            raise BadInput(f"the installation in {data} is running: stop it first")
        _ask(yes, f"the installation in {data}")
        _remove(data, *_kept(data), installed.secret_of(data))
        return
    namespace, folder = Settings().namespace, installed.state_folder()
    secret = folder / f"{namespace}.secret"
    if not secret.exists():
        raise BadInput(f"no installation is kept here, nor one of namespace {namespace!r} on the machine's servers")
    _ask(yes, f"the installation {namespace!r}: its databases, roles and queues")
    clearing.clear(installed.on_servers())
    _remove(*_kept(folder / namespace), secret)


def _kept(installation: Path) -> tuple[Path, Path]:
    """Its files, and what was archived beside them. A KITH_ARCHIVE elsewhere is somebody's own and stays."""
    files = installation.with_name(f"{installation.name}.files")
    return files, Settings(files=files, archive=None).archive_folder


def _ask(yes: bool, what: str) -> None:
    if not yes:
        typer.confirm(f"Remove {what}, with everything in it?", abort=True)


def _remove(*paths: Path) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        elif path.exists():
            path.unlink()
        else:
            continue
        print(f"removed {path}")
