"""Where settings come from: the environment first, then the secrets that a container is given as files."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from chassis.settings import SECRETS, Settings, mounted_secrets


def test_a_misspelt_role_is_no_role_that_needs_a_second_factor() -> None:
    assert Settings(second_factor_roles="auditor,operator").second_factor_roles == "auditor,operator"
    with pytest.raises(ValidationError):
        Settings(second_factor_roles="auditor,operater")


def test_a_secret_that_is_mounted_as_a_file_is_read_without_its_line_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KITH_APP_PASSWORD", raising=False)
    (tmp_path / "kith_app_password").write_text("from-the-file\n")
    assert Settings(_secrets_dir=mounted_secrets(tmp_path)).app_password.get_secret_value() == "from-the-file"
    assert Settings().app_password.get_secret_value() == ""


def test_the_environment_outranks_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kith_app_password").write_text("from-the-file")
    monkeypatch.setenv("KITH_APP_PASSWORD", "from-the-environment")
    found = Settings(_secrets_dir=mounted_secrets(tmp_path))
    assert found.app_password.get_secret_value() == "from-the-environment"


def test_a_file_of_another_name_is_no_setting(tmp_path: Path) -> None:
    (tmp_path / "namespace").write_text("other")
    (tmp_path / "broker_ca").write_text("certificate")
    assert Settings(_secrets_dir=mounted_secrets(tmp_path)).namespace == Settings().namespace


def test_outside_of_containers_there_is_no_such_folder_and_no_complaint(tmp_path: Path) -> None:
    assert mounted_secrets(tmp_path / "nowhere") is None
    assert Settings.model_config["secrets_dir"] == mounted_secrets(SECRETS)
