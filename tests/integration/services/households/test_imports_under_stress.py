"""Imports at the same time, and workers that die: nothing twice, nothing half."""

import contextlib
import threading
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from chassis.ids import new_id
from chassis.jobs import WAITS, JobRun
from chassis.work import Work
from chassis.worker import Worker
from contracts.households import CommitSurvey, HouseholdRegistered
from services.households import jobs, store
from tests.support.households import Office, head, member, number, officer, survey
from tests.support.service_calls import answered

FILE = survey(head(), member(), *(head(no=f"1{n:02d}", id=number(date(1970, 1, n))) for n in range(1, 21)))


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Barrier]:
    """Two imports that are not kept apart both look before either writes; those that are pass one by one."""
    both = threading.Barrier(2)
    look = store.registered

    def look_together(work: Work, indexes: Any, *, within: Any) -> Any:
        found = look(work, indexes, within=within)
        if not work.actor.is_system:
            with contextlib.suppress(threading.BrokenBarrierError):
                both.wait(timeout=1)
        return found

    monkeypatch.setattr(store, "registered", look_together)
    yield both


def commit_both(office: Office) -> None:
    """Two imports of one file, committed by two workers at once."""
    for import_id in [office.check(FILE), office.check(FILE)]:
        answered(office.do(officer(), CommitSurvey(import_id=import_id)))
    workers = [threading.Thread(target=Worker(office.runtime, threading.Event()).run_one) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=30)


def stands(office: Office) -> list[tuple[str, int, int]]:
    rows = office.rows("select state, households_stored, unchanged from survey_import")
    return sorted((row["state"], row["households_stored"], row["unchanged"]) for row in rows)


def test_two_imports_of_one_file_at_once_store_it_once(office: Office, meeting: threading.Barrier) -> None:
    commit_both(office)
    assert stands(office) == [("committed", 0, 21), ("committed", 21, 0)]
    assert len(office.said(HouseholdRegistered)) == len(office.households()) == 21


def test_control_without_the_lock_the_two_collide(
    office: Office, meeting: threading.Barrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "hold_registration", lambda work, *, within: None)
    commit_both(office)
    assert [row["error"] for row in office.rows("select error from job where error is not null")] == [
        "IntegrityError"
    ]
    assert len(office.households()) == 21


class Killed(BaseException):
    """Ends a worker as a signal would: nothing catches it."""


def test_a_worker_that_dies_leaves_nothing_and_the_next_one_finishes(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = office.check(FILE)
    answered(office.do(officer(), CommitSurvey(import_id=import_id)))
    before = office.everything_about_families()

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(store, "add_history", die)
        with pytest.raises(Killed):
            office.work()
    assert office.everything_about_families() == before
    assert office.said(HouseholdRegistered) == []
    office.work()
    assert stands(office) == [("committed", 21, 0)]
    assert len(office.said(HouseholdRegistered)) == 21


def test_a_commit_that_ran_already_is_not_run_again(office: Office) -> None:
    stand = office.import_survey(FILE)
    told = office.events_told()
    jobs.commit_survey(attempt(office, stand["import_id"], 1))
    assert office.events_told() == told


def test_an_import_is_failed_when_the_worker_gives_up_and_not_before(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = office.check(FILE)
    answered(office.do(officer(), CommitSurvey(import_id=import_id)))

    def broken(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(jobs, "read_upload", broken)
    for attempts, state in ((len(WAITS), "committing"), (len(WAITS) + 1, "failed")):
        with pytest.raises(RuntimeError):
            jobs.commit_survey(attempt(office, str(import_id), attempts))
        assert office.stand(import_id)["state"] == state


def attempt(office: Office, import_id: str, attempts: int) -> JobRun:
    args = {"import_id": str(UUID(import_id))}
    return JobRun(office.runtime, new_id(), args, officer(), None, None, None, attempts)
