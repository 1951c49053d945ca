"""Which installation an operator's command is about."""

import stat
from pathlib import Path

import pytest

from kith import installed

TOLD = "dG9sZCB0b2xkIHRvbGQgdG9sZCB0b2xkIHRvbGQgdG9sZCE="


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KITH_SECRET", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("KITH_NAMESPACE", "elsewhere")
    monkeypatch.chdir(tmp_path)


def test_with_a_secret_in_the_settings_it_is_the_one_they_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_SECRET", TOLD)
    assert installed.here().secret.get_secret_value() == TOLD
    assert installed.here().mode == "embedded"


def test_without_any_it_is_the_one_of_this_namespace_on_the_machines_servers(tmp_path: Path) -> None:
    assert installed.here().secret.get_secret_value() == ""
    kept = installed.on_servers()
    assert installed.here() == kept
    assert kept.mode == "broker"
    assert kept.files == tmp_path / "state" / "kith" / "elsewhere.files"


def test_a_secret_is_made_once_and_readable_to_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "secret"
    first = installed.kept_secret(file)
    assert installed.kept_secret(file) == first
    assert len(first) >= 43
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
