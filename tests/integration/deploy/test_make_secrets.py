"""`deploy/make-secrets`: what the compose file asks for, random, for its readers' eyes only, and never overwritten."""

import base64
import hashlib
import json
import os
import re
import stat
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from chassis.keys import Keys
from chassis.settings import Settings
from tests.support.county_broker import DEPLOY, make_secrets

COMPOSE = yaml.safe_load((DEPLOY.parent / "docker-compose.yml").read_text())
FILES = {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installation") / "secrets"
    make_secrets(folder)
    return folder


def fits(hashed: str, password: str) -> bool:
    """Whether RabbitMQ would let somebody in."""
    raw = base64.b64decode(hashed)
    return hashlib.sha256(raw[:4] + password.encode()).digest() == raw[4:]


def test_every_secret_of_the_compose_file_is_made_and_no_other(made: Path) -> None:
    assert {path.name for path in made.iterdir()} == FILES


def test_nobody_else_can_read_them(made: Path) -> None:
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in made.iterdir()} == {0o600}


def test_the_secret_is_strong_enough_for_the_keys(made: Path) -> None:
    assert Keys.of(Settings(secret=(made / "secret.txt").read_text())).key("rpc")


def test_two_installations_share_nothing(made: Path, tmp_path: Path) -> None:
    make_secrets(tmp_path)
    same = {name for name in FILES if (made / name).read_bytes() == (tmp_path / name).read_bytes()}
    assert same == {"webhook_url.txt", "oidc_client_secret.txt"}, "empty until somebody fills them"


def test_running_it_again_changes_nothing(made: Path) -> None:
    before = {path.name: path.read_bytes() for path in made.iterdir()}
    make_secrets(made)
    assert {path.name: path.read_bytes() for path in made.iterdir()} == before


def test_the_urls_carry_the_passwords_that_the_servers_know(made: Path) -> None:
    users = {user["name"]: user for user in json.loads((made / "broker_definitions.json").read_text())["users"]}
    for name, user in users.items():
        url = urlsplit((made / f"broker_{name}.txt").read_text())
        assert url.username == name
        assert fits(user["password_hash"], str(url.password))
        assert not fits(user["password_hash"], f"{url.password}x")
    assert (
        urlsplit((made / "database_url.txt").read_text()).password == (made / "postgres_password.txt").read_text()
    )


def test_a_broker_whose_accounts_are_made_anew_gets_all_of_them_anew(made: Path) -> None:
    before = {path.name: path.read_bytes() for path in made.iterdir()}
    (made / "broker_definitions.json").unlink()
    make_secrets(made)
    changed = {path.name for path in made.iterdir() if before[path.name] != path.read_bytes()}
    accounts = {name for name in FILES if re.fullmatch(r"broker_[a-z]+\.txt", name)}
    assert changed == accounts | {"broker_definitions.json"}
    test_the_urls_carry_the_passwords_that_the_servers_know(made)


def test_each_file_is_given_to_the_account_that_reads_it(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        refused = subprocess.run([DEPLOY / "make-secrets", tmp_path], capture_output=True, text=True, check=False)
        assert refused.returncode == 2
        assert "sudo" in refused.stderr
        return
    subprocess.run([DEPLOY / "make-secrets", tmp_path], check=True, capture_output=True)
    for service in COMPOSE["services"].values():
        reader = int(service["user"].split(":")[0]) if "user" in service else 10001
        for secret in service.get("secrets", ()):
            path = tmp_path / Path(COMPOSE["secrets"][secret["source"]]["file"]).name
            assert path.stat().st_uid == reader, path.name
