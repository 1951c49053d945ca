"""An installation is removed only when it stands still, and only this one."""

from pathlib import Path

import pytest

from chassis.postgres_programs import default_data_dir
from kith import installed
from kith.ops import forgetting
from kith.refusing import BadInput


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An embedded installation's folders, without a server."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(forgetting, "default_data_dir", lambda _here: tmp_path / "kept" / "data")
    return tmp_path / "kept" / "data"


def fill(data: Path) -> None:
    (data / "cluster").mkdir(parents=True)
    data.with_name("data.files").mkdir()
    installed.secret_of(data).write_text("x")
    data.with_name("another").mkdir()


def test_what_is_kept_here_is_removed_and_nothing_beside_it(data: Path) -> None:
    fill(data)
    forgetting.forget(yes=True)
    assert [path.name for path in data.parent.iterdir()] == ["another"]


def test_a_running_installation_is_left_alone(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(data)
    monkeypatch.setattr(forgetting, "url_of_running", lambda _data: "somewhere")
    with pytest.raises(BadInput, match="stop it first"):
        forgetting.forget(yes=True)
    assert data.exists()


def test_where_nothing_is_kept_nothing_is_removed(data: Path) -> None:
    with pytest.raises(BadInput, match="no installation is kept here"):
        forgetting.forget(yes=True)


def test_the_folder_is_the_one_that_up_uses(tmp_path: Path) -> None:
    assert default_data_dir(tmp_path) == default_data_dir(tmp_path)
    assert default_data_dir(tmp_path) != default_data_dir(tmp_path / "other")
