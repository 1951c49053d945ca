"""What an installation is told from outside: environment variables beginning with KITH_, or files of that name."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, StringConstraints, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.actor import Role

SECRETS = Path("/run/secrets")


def mounted_secrets(folder: Path = SECRETS) -> Path | None:
    """Where a container is given its secrets, one file per setting (`kith_secret`); None outside of containers."""
    return folder if folder.is_dir() else None


class SettingsUnfit(ValueError):
    """Settings that do not go together; says which."""


class Settings(BaseSettings):
    """One installation is one county. Every process of it reads the same settings; the environment outranks files."""

    model_config = SettingsConfigDict(
        env_prefix="KITH_",
        secrets_dir=mounted_secrets(),
        extra="ignore",
        frozen=True,
        use_attribute_docstrings=True,
    )

    namespace: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{0,20}$")] = "kith"
    """Prefix of exchange, queues, service names, databases and roles."""

    mode: Literal["embedded", "broker"] = "embedded"
    """One process with its own PostgreSQL, or many on RabbitMQ; set by the commands themselves."""

    county: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")] = "990101"
    """The county's area code; also its name in the source of events."""

    secret: SecretStr = SecretStr("")
    """At least 32 random bytes, base64. Everything that seals, signs or indexes is derived from it."""

    database_url: SecretStr = SecretStr("postgresql+psycopg2://postgres@127.0.0.1:5432/postgres")
    """The server, with a login that may create databases and roles: used by migration alone."""

    app_password: SecretStr = SecretStr("")
    """Password of the role that services connect as; empty where the server trusts."""

    owner_password: SecretStr = SecretStr("")
    """Password of the role that owns the tables, for migration alone."""

    broker_url: SecretStr = SecretStr("amqp://guest:guest@127.0.0.1:5672/")
    """Where RabbitMQ is, in the broker mode."""

    files: Path = Path(".kith/files")
    """The folder of uploaded files, encrypted; shared by gateway and workers."""

    archive: Path | None = None
    """The folder of archived months of the outboxes, encrypted; unset: beside the files."""

    outbox_months: Annotated[int, Field(ge=1, le=120)] = 13
    """How many whole months an outbox keeps before `kith ops outbox archive` takes a month out of it."""

    record_roots: Path | None = None
    """The folder in which `kith ops audit note` writes down the roots of the record; unset: beside the files. Best on
    another disk, where whoever may change the databases may only append."""

    verdict_days: Annotated[int, Field(ge=30, le=3660)] = 400
    """How many days the gateway keeps its verdicts; what a rule would have refused is told from the last year of them."""

    host: str = "127.0.0.1"
    """The address that the gateway listens on."""

    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """The port that the gateway listens on; 0 takes any."""

    metrics_host: str = "127.0.0.1"
    """The address of each other process's own page of metrics."""

    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """The port of that page; 0: none."""

    today: date | None = None
    """Fixes the county's day in every process, such as 2026-04-15; unset: the calendar."""

    zone: str = "Asia/Shanghai"
    """The county's time zone: it decides what day it is."""

    call_timeout: Annotated[float, Field(gt=0, le=60)] = 5.0
    """Seconds that the gateway waits for a service."""

    approval_days: Annotated[int, Field(ge=1, le=30)] = 7
    """For how many days a command waits for a second person before it ends by itself."""

    emergency_hours: Annotated[int, Field(ge=1, le=4)] = 4
    """For how many hours break-glass lasts at most; never more than four."""

    emergency_review_days: Annotated[int, Field(ge=1, le=30)] = 3
    """Within how many days somebody else reviews an emergency that is over before it escalates."""

    webhook_url: str = ""
    """Where an apprise channel sends messages; empty: notices in the app only."""

    oidc_issuer: str = ""
    """The county's own OpenID provider, exactly as its discovery document names it; empty: nobody signs in that way."""

    oidc_client_id: str = ""
    """Who this installation is at that provider."""

    oidc_client_secret: SecretStr = SecretStr("")
    """What proves it there."""

    oidc_redirect_base: str = ""
    """Where browsers reach this gateway, such as https://kith.example.org; the provider sends them to /v1/oidc/callback below it."""

    oidc_second_factor: str = ""
    """Words of `amr` or `acr` that count as second factor, such as otp,mfa; empty: the provider's never counts."""

    crash_points: str = ""
    """For chaos tests alone: where a process ends itself, such as `relay.mark=0.02`."""

    crash_journal: Path | None = None
    """For chaos tests alone: the file that says which crash point was reached."""

    second_factor: Literal["required", "offered"] = "required"
    """Whether officers have to set up a second factor before anything else; `make up` and `make story` only offer it."""

    second_factor_roles: Annotated[str, StringConstraints(pattern=r"^[a-z_]+(,[a-z_]+)*$")] = (
        "township_officer,county_officer,working_group,auditor,operator"
    )
    """The roles that need it, separated by commas."""

    delegation_days: Annotated[int, Field(ge=1, le=366)] = 92
    """The longest that somebody can stand in for somebody else."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """How much the processes log; never names or numbers at any level."""

    @field_validator("second_factor_roles")
    @classmethod
    def _known_roles(cls, said: str) -> str:
        """A misspelt role would need nothing."""
        for role in said.split(","):
            Role(role)
        return said

    @property
    def tz(self) -> ZoneInfo:
        """The county's time zone."""
        return ZoneInfo(self.zone)

    @property
    def archive_folder(self) -> Path:
        """Where archived months lie."""
        return self.archive or self.files.with_name(f"{self.files.name}.archive")

    @property
    def record_roots_folder(self) -> Path:
        """Where the roots of the record are noted."""
        return self.record_roots or self.files.with_name(f"{self.files.name}.roots")

    def environment(self) -> dict[str, str]:
        """These settings as the environment variables of another process, secrets in the clear."""
        values = {}
        for name, value in self:
            plain = value.get_secret_value() if isinstance(value, SecretStr) else value
            if plain is not None:
                values[f"KITH_{name.upper()}"] = str(plain)
        return values
