"""What an installation is told from outside: environment variables beginning with KITH_, or files of that name."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, StringConstraints
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRETS = Path("/run/secrets")


def mounted_secrets(folder: Path = SECRETS) -> Path | None:
    """Where a container is given its secrets, one file per setting (`kith_secret`); None outside of containers."""
    return folder if folder.is_dir() else None


class Settings(BaseSettings):
    """One installation is one county. Every process of it reads the same settings; the environment outranks files."""

    model_config = SettingsConfigDict(
        env_prefix="KITH_", secrets_dir=mounted_secrets(), extra="ignore", frozen=True
    )

    namespace: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{0,20}$")] = "kith"
    """Prefix of exchange, queues, service names, databases and roles."""

    mode: Literal["embedded", "broker"] = "embedded"
    county: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")] = "990101"
    """The county's area code; also its name in the source of events."""

    secret: SecretStr = SecretStr("")
    """At least 32 random bytes, base64. Everything that seals, signs or indexes is derived from it."""

    database_url: SecretStr = SecretStr("postgresql+psycopg2://postgres@127.0.0.1:5432/postgres")
    """The server, with a login that may create databases and roles: used by migration alone."""

    app_password: SecretStr = SecretStr("")
    owner_password: SecretStr = SecretStr("")
    broker_url: SecretStr = SecretStr("amqp://guest:guest@127.0.0.1:5672/")

    files: Path = Path(".kith/files")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    metrics_host: str = "127.0.0.1"
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """0: none."""

    today: date | None = None
    """Fixes the county's day in every process; None: the calendar."""

    zone: str = "Asia/Shanghai"
    call_timeout: Annotated[float, Field(gt=0, le=60)] = 5.0
    """Seconds that the gateway waits for a service."""

    webhook_url: str = ""
    """Where an apprise channel sends messages; empty: notices in the app only."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def tz(self) -> ZoneInfo:
        """The county's time zone."""
        return ZoneInfo(self.zone)

    def environment(self) -> dict[str, str]:
        """These settings as the environment variables of another process, secrets in the clear."""
        values = {}
        for name, value in self:
            plain = value.get_secret_value() if isinstance(value, SecretStr) else value
            if plain is not None:
                values[f"KITH_{name.upper()}"] = str(plain)
        return values
