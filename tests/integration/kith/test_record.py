"""The record holds against whoever owns the databases, as long as one root of it was noted outside of them."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chassis import audit
from chassis.audit_roots import FILE, Roots
from chassis.clock import Clock
from chassis.settings import Settings
from contracts.actor import Actor
from tests.support.operating import Answer, as_owner, command

DATABASE = "notify"
LAST = "(select max(id) from audit)"
CUT_OFF = (
    f"delete from audit where id = {LAST}; "
    f"update audit_head set id = {LAST}, hash = (select hash from audit where id = {LAST})"
)
DAMAGE = {
    "edited": ("update audit set actor_id = 'nobody' where id = 2", "altered"),
    "deleted": ("delete from audit where id = 2", "missing"),
    "reordered": (
        "update audit set id = -1 where id = 2; update audit set id = 2 where id = 3; "
        "update audit set id = 3 where id = -1",
        "altered",
    ),
    "rows cut off": (f"delete from audit where id = {LAST}", "truncated"),
    "head taken": ("delete from audit_head", "truncated"),
    "rows and head cut off": (CUT_OFF, "not the chain whose root was noted"),
}


@pytest.fixture
def settings(county: Settings, tmp_path: Path) -> Settings:
    """The county, with a folder of roots of its own and a few rows on record."""
    write(county, 5)
    return county.model_copy(update={"record_roots": tmp_path / "roots"})


def write(county: Settings, rows: int) -> None:
    actor, now = Actor.system(DATABASE, county.county), Clock.of(county).now()
    with as_owner(county, DATABASE) as owner:
        audit.append(
            owner,
            [
                audit.Entry.by(actor, now, f"step-{n}", about=None, outcome="done", decision=None)
                for n in range(rows)
            ],
        )


@contextmanager
def damaged(settings: Settings, statement: str) -> Iterator[None]:
    """What the owner of the database does to it, until it is put back."""
    with as_owner(settings, DATABASE) as owner:
        for table in ("audit", "audit_head"):
            owner.exec_driver_sql(f"create table {table}_was as table {table}")
        owner.exec_driver_sql(statement)
    try:
        yield
    finally:
        with as_owner(settings, DATABASE) as owner:
            for table in ("audit", "audit_head"):
                owner.exec_driver_sql(f"delete from {table}; insert into {table} select * from {table}_was")
                owner.exec_driver_sql(f"drop table {table}_was")


def verdict(answer: Answer) -> str | None:
    [found] = [one for one in answer.json if one["database"] == DATABASE]
    assert answer.status == (1 if found["broken"] else 0)
    return found["broken"] and str(found["broken"]["what"])


def verify(settings: Settings, *more: str) -> str | None:
    return verdict(command(settings, "audit", "verify", "--json", *more))


@pytest.mark.parametrize(("statement", "what"), DAMAGE.values(), ids=DAMAGE)
def test_damage_by_the_owner_of_the_database_is_found(settings: Settings, statement: str, what: str) -> None:
    assert command(settings, "audit", "note").status == 0
    assert verify(settings) is None
    with damaged(settings, statement):
        assert verify(settings) == what
    assert verify(settings) is None


def test_control_without_a_noted_root_a_cut_off_end_is_not_found(settings: Settings) -> None:
    with damaged(settings, CUT_OFF):
        assert verify(settings) is None
    told = command(settings, "audit", "verify").out
    assert "cut off" in told


def test_a_chain_made_anew_from_the_first_row_is_found_by_the_noted_root_alone(settings: Settings) -> None:
    command(settings, "audit", "note")
    with damaged(settings, "select 1"):
        with as_owner(settings, DATABASE) as owner:
            rows = audit.head(owner)[0]
            owner.exec_driver_sql("delete from audit; update audit_head set id = 0, hash = ''")
        write(settings, rows)
        assert verify(settings) == "not the chain whose root was noted"
        bare = settings.model_copy(update={"record_roots": settings.record_roots_folder / "none"})
        assert verify(bare) is None, "the control: the chain itself holds"


def test_a_root_on_paper_counts_as_well(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = command(settings, "audit", "note").out
    paper = tmp_path / "paper"
    paper.write_text("".join(f"{line}\n" for line in said.splitlines() if f" {DATABASE} " in line))
    bare = settings.model_copy(update={"record_roots": tmp_path / "nothing"})
    assert verify(bare, "--root", str(paper)) is None
    with damaged(settings, CUT_OFF):
        assert verify(bare, "--root", str(paper)) == "not the chain whose root was noted"
        with paper.open() as typed:
            monkeypatch.setattr("sys.stdin", typed)
            assert verify(bare, "--root", "-") == "not the chain whose root was noted"


def test_roots_are_appended_for_the_owner_alone(settings: Settings) -> None:
    command(settings, "audit", "note")
    file = settings.record_roots_folder / FILE
    first = file.read_text()
    write(settings, 1)
    command(settings, "audit", "note")
    assert file.read_text().startswith(first) and len(file.read_text()) > len(first)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert Roots(settings).newest()[DATABASE].number == Roots(settings).newest()[DATABASE].pair[0]


def test_a_record_that_was_cut_off_is_not_noted_over(settings: Settings) -> None:
    command(settings, "audit", "note")
    with damaged(settings, CUT_OFF):
        answer = command(settings, "audit", "note")
        assert answer.status == 1
        assert f"{DATABASE}: row" in answer.out
        write(settings, 3)
        assert verify(settings) == "not the chain whose root was noted", "the older note still counts"


def test_a_note_that_says_no_root_is_one_line_and_status_two(settings: Settings, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("2026-04-15 notify\n")
    for told in (str(wrong), str(tmp_path / "missing")):
        answer = command(settings, "audit", "verify", "--root", told)
        assert (answer.status, answer.err.count("\n")) == (2, 1)
    Roots(settings).file.parent.mkdir(parents=True)
    Roots(settings).file.write_bytes(os.urandom(20).hex().encode())
    assert command(settings, "audit", "note").status == 2
