"""Which installation this command is about: the one in the environment, or the one that `kith up` keeps here."""

import base64
import os
import secrets
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from chassis.embedded_postgres import url_of_running
from chassis.postgres_programs import default_data_dir
from chassis.settings import Settings


def kept_secret(file: Path) -> str:
    """The installation's secret, made at the first start and kept beside its data."""
    if configured := os.environ.get("KITH_SECRET"):
        return configured
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(base64.b64encode(secrets.token_bytes(48)).decode())
    return file.read_text().strip()


def state_folder() -> Path:
    """Where a person's installations on shared servers keep secret and files, whatever checkout they run from."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "kith"


def secret_of(data: Path) -> Path:
    """Where the secret of an embedded installation lies."""
    return data.with_name(f"{data.name}.secret")


def trying() -> dict[str, Any]:
    """What is told otherwise where Kith is tried out: nobody needs an authenticator to look around."""
    return {} if os.environ.get("KITH_SECOND_FACTOR") else {"second_factor": "offered"}


def embedded(database_url: str, data: Path, **outside: Any) -> Settings:
    """The settings of an embedded installation whose server answers at `database_url`."""
    return Settings(
        mode="embedded",
        database_url=database_url,
        secret=kept_secret(secret_of(data)),
        files=data.with_name(f"{data.name}.files"),
        **trying(),
        **outside,
    )


def on_servers(**outside: Any) -> Settings:
    """The settings of an installation on the RabbitMQ and PostgreSQL of this machine."""
    first, folder = Settings(mode="broker", **trying(), **outside), state_folder()
    secret = SecretStr(kept_secret(folder / f"{first.namespace}.secret"))
    return first.model_copy(update={"secret": secret, "files": folder / f"{first.namespace}.files"})


def here() -> Settings:
    """The installation that an operator's command is about.

    With a secret in the settings, theirs; else the embedded one that runs from this folder; else the one of this
    namespace on the machine's servers.
    """
    told, data = Settings(), default_data_dir(Path.cwd())
    if told.secret.get_secret_value():
        return told
    if secret_of(data).exists() and (url := url_of_running(data)):
        return embedded(url, data)
    if (state_folder() / f"{told.namespace}.secret").exists():
        return on_servers()
    return told
