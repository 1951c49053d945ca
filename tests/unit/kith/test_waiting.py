"""A server that is not there is told in one line, tried again, and never a stack trace."""

import threading

import httpx
import pytest
import sqlalchemy as sa

from kith import commands, waiting

NOWHERE = "postgresql+psycopg2://somebody:a-password@127.0.0.1:1/postgres"


def test_a_database_that_comes_up_late_is_waited_for_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(waiting, "RETRY_SECONDS", 0.01)
    answers = iter([False, False, False, True])
    assert waiting.until(lambda: next(answers), "PostgreSQL does not answer")
    assert capsys.readouterr().err.count("PostgreSQL does not answer; trying again") == 1


def test_waiting_ends_when_told_to_stop_or_out_of_patience_and_says_no_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(waiting, "RETRY_SECONDS", 0.01)
    stopped = threading.Event()
    stopped.set()
    assert not waiting.for_database(NOWHERE, stopped)
    assert not waiting.for_database(NOWHERE, seconds=0.02)
    said = capsys.readouterr().err
    assert "PostgreSQL at 127.0.0.1:1 does not answer" in said
    assert "a-password" not in said


def test_a_tool_that_reaches_no_server_says_so_in_one_line() -> None:
    with pytest.raises(sa.exc.OperationalError) as away:
        sa.create_engine(NOWHERE).connect()
    said = commands.unreachable(away.value)
    assert said is not None and said.startswith("PostgreSQL does not let us in") and "\n" not in said
    gone = httpx.ConnectError("refused", request=httpx.Request("GET", "http://127.0.0.1:1/v1/me"))
    assert commands.unreachable(gone) == "the gateway does not answer at http://127.0.0.1:1/"
    assert commands.unreachable(ValueError("ours")) is None
