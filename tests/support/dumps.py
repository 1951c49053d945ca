"""A real dump of one database, and putting it back as an operator would."""

import subprocess
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from chassis.namespace import Namespace
from chassis.postgres_programs import Programs, server_account, wheel_programs
from chassis.settings import Settings
from tests.support.private_postgres import installed_programs


def dump(settings: Settings, name: str, file: Path) -> None:
    """All of a service's database, as it is now."""
    _run(settings, name, "pg_dump", "--format=custom", f"--file={file}")


def put_back(settings: Settings, name: str, file: Path) -> None:
    """Drop the database and make it anew from the dump. Nobody may be connected."""
    names = Namespace(settings.namespace)
    engine = sa.create_engine(settings.database_url.get_secret_value(), isolation_level="AUTOCOMMIT")
    with engine.connect() as admin:
        admin.exec_driver_sql(f'drop database "{names.database(name)}" with (force)')
        admin.exec_driver_sql(
            f'create database "{names.database(name)}" owner "{names.owner_role}" template template0'
        )
    engine.dispose()
    _run(settings, name, "pg_restore", "--exit-on-error", str(file))


def _run(settings: Settings, name: str, program: str, *arguments: str) -> None:
    url = make_url(settings.database_url.get_secret_value())
    where = [f"--host={url.host}", f"--port={url.port or 5432}", f"--username={url.username}"]
    database = [f"--dbname={Namespace(settings.namespace).database(name)}"]
    subprocess.run([_programs().folder / program, *where, *database, *arguments], check=True, capture_output=True)


def _programs() -> Programs:
    """Of the packages, or else of the wheel; the same that a private server runs from."""
    return installed_programs() or wheel_programs(server_account())
