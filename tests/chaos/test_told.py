"""What a process is told arrives as it was said; every broken version is provoked and has its damage named."""

from pathlib import Path

from tests.chaos.arms import PROVOKED, Verdict
from tests.chaos.broken import ARMS, CAUGHT_BY
from tests.chaos.conditions import Conditions
from tests.chaos.journal import crashes, note, read


def test_conditions_travel_through_the_environment(tmp_path: Path) -> None:
    told = Conditions("cursor_relay", "7/relay/0", 0.03, "a-household", tmp_path / "journal")
    assert Conditions.of(told.environment()) == told
    assert Conditions.of({}) == Conditions()
    assert Conditions.of(Conditions().environment()) == Conditions()


def test_what_was_put_down_is_read_again(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    assert read(journal) == crashes(journal) == []
    note(journal, "refused", 7)
    note(None, "nowhere")
    assert [(entry.kind, entry.n) for entry in read(journal)] == [("refused", 7)]
    (tmp_path / "crashes").write_text("relay.mark 42\n")
    assert crashes(tmp_path / "crashes") == [("relay.mark", 42)]


def test_every_broken_version_is_provoked_and_one_that_shows_no_damage_is_not_caught() -> None:
    assert ARMS.keys() == CAUGHT_BY.keys() == PROVOKED.keys()
    assert Verdict("cursor_relay", 0, 1.0).row() == {"caught": False, "by": "lost", "n": 0}
    assert Verdict("cursor_relay", 2, 1.0).row() == {"caught": True, "by": "lost", "n": 2}
